// The command line of `stdbind generate` and `stdbind ir`.
#include "command.hpp"

#include <cstdlib>
#include <iostream>
#include <memory>

#include "generate.hpp"
#include "process.hpp"
#include "reader.hpp"

namespace stdbind {
namespace {

namespace fs = std::filesystem;
using namespace stdbind::generate;

struct Options {
  Job job;
  std::string root;
  std::string language;
  std::string pack;
  std::string out = ".";
  std::string table;
  std::vector<std::string> disable;
  std::vector<std::string> rename;
  bool no_format = false;
  bool no_build = false;
  bool view = false;
  bool json = false;
};

void add_input_options(CLI::App& command, Options& options) {
  Request& request = options.job.request;
  command.add_option("--interface", request.file, "C header (.h) or SWIG interface file (.i) of the library; needed");
  command.add_option("--name", request.name, "name of the binding (default: that of the interface)");
  command
      .add_option("--include", request.compiler.include_folders,
                  "folder in which the C compiler finds headers (repeatable)")
      ->type_name("DIR");
  command
      .add_option("--define", request.compiler.definitions, "macro for the C compiler, NAME or NAME=VALUE (repeatable)")
      ->type_name("NAME");
  command.add_option("--own", request.own, "further header or folder that belongs to the library (repeatable)")
      ->type_name("PATH");
  command.add_option("--compiler", request.compiler.program,
                     "C compiler; a cross compiler answers for its target (default: $CC, else cc)");
  command.add_flag("--flat", request.flat,
                   "the interface is already flat: call its symbols as they are, write no shim");
}

void add_view_options(CLI::App& command, Options& options) {
  command.add_option("--language", options.language, "language to generate for: a folder of ROOT/bindings");
  command.add_option("--pack", options.pack, "folder of a language pack, instead of one in ROOT/bindings")
      ->type_name("DIR");
  command.add_option("--root", options.root, "folder that holds bindings/ (default: $STDBIND_ROOT, else this project)")
      ->type_name("DIR");
  command.add_option("--strip", options.job.view.prefixes, "prefix to remove from names (repeatable; default: NAME_)")
      ->type_name("PREFIX");
  command.add_option("--disable", options.disable, "C name of an item to leave out (repeatable)")->type_name("NAME");
  command.add_option("--rename", options.rename, "name of an item in the language, C_NAME=NAME (repeatable)")
      ->type_name("A=B");
}

// Names that were given on the command line, checked and put in place.
void prepare(Options& options) {
  Job& job = options.job;
  job.language = options.language;
  job.pack = options.pack;
  job.out = options.out;
  job.table = options.table;
  job.format = !options.no_format;
  job.build = !options.no_build;
  job.root = find_root(options.root);
  if (job.request.file.empty()) {
    usage_failure("--interface FILE is needed: a C header (.h) or a SWIG interface file (.i)");
  }
  std::error_code ignored;
  if (!fs::exists(job.request.file, ignored)) usage_failure("--interface " + job.request.file + ": there is no such file");
  const std::string extension = fs::path(job.request.file).extension().string();
  if (extension != ".i" && extension != ".h") {
    usage_failure("--interface " + job.request.file + ": a C header (.h) or a SWIG interface file (.i) is needed");
  }
  const char* name = job.request.name.c_str();
  for (const char* c = name; *c != '\0'; ++c) {
    const bool good = std::isalpha(static_cast<unsigned char>(*c)) || *c == '_' ||
                      (c != name && std::isdigit(static_cast<unsigned char>(*c)));
    if (!good)
      usage_failure("--name " + job.request.name +
                    ": a name has letters, digits and underscores, and starts with no digit");
  }
  job.view.disabled.insert(options.disable.begin(), options.disable.end());
  for (const auto& pair : options.rename) {
    const std::size_t mark = pair.find('=');
    if (mark == std::string::npos || mark == 0 || mark + 1 == pair.size())
      usage_failure("--rename " + pair + ": C_NAME=NAME is needed");
    job.view.renames[pair.substr(0, mark)] = pair.substr(mark + 1);
  }
  // The project's own tools come first: they are the pinned ones.
  const std::string tools = (fs::path(STDBIND_SOURCE_ROOT) / ".toolchain" / "venv" / "bin").string();
  const char* path = std::getenv("PATH");
  setenv("PATH", (tools + (path != nullptr ? std::string(":") + path : "")).c_str(), 1);
  job.request.swig = find_swig(tools + "/swig");
}

void print_ir(const Options& options) {
  const Job& job = options.job;
  if (options.view) {
    if (job.language.empty() && job.pack.empty()) usage_failure("--view: --language NAME (or --pack DIR) is needed");
    const Pack pack = read_pack(job.pack.empty() ? find_pack(job.root, job.language) : job.pack);
    const View view = make_view(build_ir(job.request), pack, job.view);
    std::cout << view.model.dump(2) << "\n";
    return;
  }
  const Ir ir = build_ir(job.request);
  if (options.json) {
    std::cout << ir_json(ir).dump(2) << "\n";
    return;
  }
  std::cout << ir.name << ": " << ir.functions.size() << " functions, " << ir.constants.size() << " constants, "
            << ir.enumerations.size() << " enums, " << ir.structures.size() << " structs, " << ir.types.size()
            << " types, " << ir.others.size() << " others\n";
}

// Runs `work`, and turns a Failure into a message and an exit code.
template <typename Work>
void guarded(int& status, Work work) {
  try {
    work();
    status = 0;
  } catch (const Failure& failure) {
    std::cerr << "stdbind: " << failure.what() << "\n";
    status = failure.status();
  } catch (const std::exception& error) {
    std::cerr << "stdbind: " << error.what() << "\n";
    status = 1;
  }
}

constexpr const char* generate_examples = R"(Examples:
  stdbind generate --language mojo --name zlib --interface /usr/include/zlib.h --out binding
      binding/zlib.mojo, the shim binding/zlib_stdbind.c and binding/libzlib_stdbind.so, linked as pkg-config zlib says
  stdbind generate --language simple --name zlib --interface /usr/include/zlib.h --out binding --link -lz
      the same for another language, with the library named
  stdbind generate --language mojo --name db --interface sqlite3.h --strip sqlite3_ --disable sqlite3_exec
      names without a prefix, one function left out
  stdbind generate --pack ./mylanguage --name zlib --interface /usr/include/zlib.h
      with a pack outside of the project

Exit codes: 0 done, 1 the work failed, 2 wrong usage. What a language cannot express is listed as `refused`; with an
interface file, a flat interface or --strict it is an error. Guide: docs/adding-a-language.md)";

constexpr const char* ir_examples = R"(Examples:
  stdbind ir --interface /usr/include/zlib.h --json
  stdbind ir --interface /usr/include/zlib.h --view --language mojo
The forms are documented in docs/view-model.md.)";

}  // namespace

void add_generate_commands(CLI::App& app, int& status) {
  const char* compiler = std::getenv("CC");
  {
    auto options = std::make_shared<Options>();
    if (compiler != nullptr && *compiler != '\0') options->job.request.compiler.program = compiler;
    CLI::App* command = app.add_subcommand("generate", "Writes the binding of a C library for a language.");
    command->footer(generate_examples);
    add_input_options(*command, *options);
    add_view_options(*command, *options);
    command->add_option("--out", options->out, "folder to write to (default: the current one)")->type_name("DIR");
    command->add_option("--file", options->job.file, "name of the file to write, where the pack writes only one");
    command->add_option("--table", options->table, "also write the table of a flat interface, in C++, to this file")
        ->type_name("FILE");
    command
        ->add_option(
            "--link", options->job.link,
            "flag that links the library, such as -lz, or its file (repeatable; default: pkg-config, else -lNAME)")
        ->type_name("FLAG")
        ->allow_extra_args(false);
    command->add_flag("--strict", options->job.strict, "fail if anything is refused");
    command->add_flag("--no-format", options->no_format, "do not run the language's formatter");
    command->add_flag("--no-build", options->no_build, "write the shim, but do not build it");
    command->callback([options, &status] {
      guarded(status, [&] {
        prepare(*options);
        generate::generate(options->job, std::cout);
      });
    });
  }
  {
    auto options = std::make_shared<Options>();
    if (compiler != nullptr && *compiler != '\0') options->job.request.compiler.program = compiler;
    CLI::App* command = app.add_subcommand("ir", "Prints what the generator understood of an interface.");
    command->footer(ir_examples);
    add_input_options(*command, *options);
    add_view_options(*command, *options);
    command->add_flag("--json", options->json, "the resolved representation, as JSON");
    command->add_flag("--view", options->view, "what the templates of --language see, as JSON");
    command->callback([options, &status] {
      guarded(status, [&] {
        prepare(*options);
        print_ir(*options);
      });
    });
  }
}

}  // namespace stdbind
