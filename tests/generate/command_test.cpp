// The command itself: exit codes, one clear message, and nothing written where something went wrong.
#include <gtest/gtest.h>

#include <filesystem>

#include "generate/files.hpp"
#include "generate/process.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

class CommandTest : public testing::Test {
 protected:
  // Runs `stdbind ARGUMENTS`; {in} is the folder of the test's own files, {out} one that does not exist yet.
  Ran stdbind(const std::string& arguments) {
    std::string command = STDBIND_COMMAND " " + arguments;
    for (const auto& [mark, path] :
         {std::pair{"{in}", in()}, {"{out}", out()}, {"{here}", fs::path(STDBIND_TEST_FOLDER)}}) {
      for (std::size_t at = command.find(mark); at != std::string::npos; at = command.find(mark)) {
        command.replace(at, std::string(mark).size(), path.string());
      }
    }
    return run({"sh", "-c", command}, folder_.path().string(), 120);
  }

  void fails(int status, const std::string& arguments, const std::vector<std::string>& words) {
    const Ran ran = stdbind(arguments);
    EXPECT_EQ(ran.status, status) << arguments << "\n" << ran.err;
    for (const auto& word : words) EXPECT_NE(ran.err.find(word), std::string::npos) << arguments << "\n" << ran.err;
    EXPECT_FALSE(fs::exists(out())) << "something was written: " << arguments;
  }

  void write(const std::string& name, const std::string& content) {
    fs::create_directories((in() / name).parent_path());
    write_file(in() / name, content);
  }

  fs::path in() const { return folder_.path() / "in"; }
  fs::path out() const { return folder_.path() / "out"; }

 private:
  const TemporaryFolder folder_;
};

TEST_F(CommandTest, HelpHasExamples) {
  for (const char* command : {"generate", "ir"}) {
    const Ran ran = stdbind(std::string(command) + " --help");
    EXPECT_EQ(ran.status, 0);
    EXPECT_NE(ran.out.find("Examples:"), std::string::npos);
  }
}

TEST_F(CommandTest, WrongUsage) {
  write("a.h", "int a(int x);\n");
  fails(2, "generate --nonsense", {"--nonsense"});
  fails(2, "generate", {"--interface"});
  fails(2, "generate --interface {in}/a.h --out {out}", {"--language"});
  fails(2, "generate --language mojo --interface {in}/missing.h --out {out}", {"missing.h", "no such file"});
  fails(2, "generate --language mojo --interface {in} --out {out}", {".h"});
  fails(2, "generate --language klingon --interface {in}/a.h --out {out}", {"klingon", "mojo", "simple"});
  fails(2, "generate --language mojo --name 9x --interface {in}/a.h --out {out}", {"9x"});
  fails(2, "generate --language mojo --interface {in}/a.h --out {out} --no-build --disable b", {"--disable b"});
  fails(2, "generate --language mojo --interface {in}/a.h --out {out} --no-build --rename a", {"--rename a"});
  fails(2, "generate --language mojo --interface {in}/a.h --out {out} --no-build --compiler no-such-cc",
        {"no-such-cc"});
  fails(2, "generate --pack {in} --interface {in}/a.h --out {out}", {"pack.toml"});
  fails(2, "generate --root {in} --language mojo --interface {in}/a.h --out {out}", {"--root"});
  fails(2, "generate --language simple --pack {here}/packs/small --interface {in}/a.h --out {out}", {"small"});
  fails(2, "generate --language mojo --interface {in}/a.h --table {out}/t.cpp --no-build --out {out}", {"--flat"});
  fails(2, "ir --view --interface {in}/a.h", {"--language"});
}

TEST_F(CommandTest, InputThatCannotBeUsed) {
  write("syntax.h", "int good(int a);\nint broken(int a;\n");
  fails(1, "generate --language simple --interface {in}/syntax.h --out {out}", {"syntax.h:2", "error:"});
  write("include.h", "#include <not_there_at_all.h>\n");
  fails(1, "generate --language simple --interface {in}/include.h --out {out}", {"include.h:1", "--include"});
  write("bytes.h", std::string("\x01\x02\xff\0\x07(((", 8));
  fails(1, "generate --language simple --interface {in}/bytes.h --out {out}", {"bytes.h"});
  write("swig.i", "%module broken\nint f(int a;\n");
  fails(1, "generate --language simple --interface {in}/swig.i --out {out}", {"swig.i:2", "Syntax error"});
  write("missing.i", "%module missing\n%include \"not_there.h\"\n");
  fails(1, "generate --language simple --interface {in}/missing.i --out {out}", {"missing.i:2", "not_there.h"});
  write("no_library.h", "int no_library_function(int a);\n");
  fails(1, "generate --language simple --interface {in}/no_library.h --out {out}", {"--link"});
  fails(1, "generate --language simple --interface {in}/no_library.h --out {out} --link -lm", {"undefined", "--link"});
}

TEST_F(CommandTest, WhatALanguageCannotExpressIsAnErrorInAnInterfaceFile) {
  const std::string code = "%module sample\n%{\nvoid each(void (*function)(int));\nint two(int a);\n%}\n";
  write("sample.i", code + "void each(void (*function)(int));\nint two(int a);\n");
  fails(1, "generate --language simple --interface {in}/sample.i --no-build --out {out}",
        {"sample.i:6", "function each", "[callbacks]", "--disable"});
  const Ran by_name =
      stdbind("generate --language simple --interface {in}/sample.i --no-build --out {out} --disable each");
  EXPECT_EQ(by_name.status, 0) << by_name.err;
  EXPECT_NE(by_name.out.find("bound 1 / disabled 1 / refused 0"), std::string::npos) << by_name.out;
}

TEST_F(CommandTest, AForeignHeaderListsWhatItRefusesUnlessStrict) {
  const std::string arguments =
      "generate --language simple --no-build --interface {here}/inputs/inexpressible.h --out {out}";
  fails(1, arguments + " --strict", {"sample_print", "[varargs]"});
  const Ran ran = stdbind(arguments);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("refused: inexpressible.h:8: function sample_print"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("bound 2 / disabled 0 / refused 8"), std::string::npos) << ran.out;
}

TEST_F(CommandTest, AFlatInterfaceHasNoRefusedItems) {
  write("flat.h", "#include <stdint.h>\nint64_t one(int64_t a);\nint64_t two(const char *format, ...);\n");
  fails(1, "generate --flat --language simple --interface {in}/flat.h --out {out}", {"flat.h:3", "two", "[varargs]"});
  fails(1, "generate --flat --interface {in}/flat.h --table {out}/t.cpp", {"flat.h:3", "two"});
}

TEST_F(CommandTest, WritesNothingIfTheTargetCannotBeWritten) {
  write("a.h", "int a(int x);\n");
  write("taken", "a file, not a folder");
  const Ran ran = stdbind("generate --language simple --no-build --interface {in}/a.h --out {in}/taken/below");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(read_file(in() / "taken"), "a file, not a folder");
}

TEST_F(CommandTest, APackOutsideOfTheProject) {
  write("a.h", "/** Adds.\n * @param in what\n */\nint a(int in, const char *text);\n");
  const Ran ran = stdbind("generate --pack {here}/packs/small --no-build --interface {in}/a.h --out {out}");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(read_file(out() / "a.txt"), "a(in_: int, text: text) = slot 0\n");
}

TEST_F(CommandTest, ATemplateThatIsNotMustacheIsNamed) {
  write("pack/pack.toml", *read_file(fs::path(STDBIND_TEST_FOLDER) / "packs" / "small" / "pack.toml"));
  write("pack/list.txt.mustache", "{{#functions}}");
  write("a.h", "int a(int x);\n");
  fails(2, "generate --pack {in}/pack --no-build --interface {in}/a.h --out {out}", {"list.txt.mustache", "Mustache"});
}

TEST_F(CommandTest, AnOutputNameThatLeavesTheFolderIsRefused) {
  std::string pack = *read_file(fs::path(STDBIND_TEST_FOLDER) / "packs" / "small" / "pack.toml");
  pack.replace(pack.find("{{name}}.txt"), 12, "../escape.txt");
  write("pack/pack.toml", pack);
  write("pack/list.txt.mustache", "");
  write("a.h", "int a(int x);\n");
  fails(2, "generate --pack {in}/pack --no-build --interface {in}/a.h --out {out}", {"../escape.txt"});
}

TEST_F(CommandTest, IrOfRealHeaders) {
  struct Known {
    const char* header;
    const char* functions;
  };
  for (const auto& [header, functions] :
       {Known{"zlib.h", ": 81 functions"}, Known{"sqlite3.h", ": 286 functions"}, Known{"png.h", ": 246 functions"},
        Known{"lz4.h", ": 42 functions"}, Known{"zstd.h", ": 66 functions"}, Known{"expat.h", " functions"}}) {
    const fs::path path = fs::path("/usr/include") / header;
    if (!fs::exists(path)) {
      ASSERT_STRNE(header, "zlib.h") << "zlib1g-dev is needed";
      continue;
    }
    const Ran ran = stdbind("ir --interface " + path.string());
    EXPECT_EQ(ran.status, 0) << header << ran.err;
    EXPECT_NE(ran.out.find(functions), std::string::npos) << ran.out;
  }
}

}  // namespace
}  // namespace stdbind::generate
