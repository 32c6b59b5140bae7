// The sub-command `stdbind conform`: options in, exit code out. Everything is checked before the first adapter starts.
#include "conform/command.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "conform/case_parser.hpp"
#include "conform/console.hpp"
#include "conform/language.hpp"
#include "conform/mounts.hpp"
#include "conform/report.hpp"
#include "conform/runner.hpp"
#include "conform/text.hpp"

namespace stdbind {
namespace conform {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> languages;
  std::vector<std::string> cases;
  std::vector<std::string> packs;
  std::string suite;
  std::string json;
  std::string markdown;
  std::string peer;
  std::string pairs;
  std::string platform;
  std::string root;
  std::string build;
  std::string library;
  std::string work;
  double timeout = 10;
  int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  bool list = false;
  bool keep = false;
  bool smoke = false;
  bool verbose = false;
};

// A wrong option or file: exit code 2.
struct Usage {
  std::string text;
};

std::string own_build_directory() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path().parent_path().string();
}

// The source tree that a build directory belongs to.
std::string source_of(const std::string& build) {
  const auto cache = read_text_file(build + "/CMakeCache.txt");
  if (!cache) throw Usage{build + " is no build directory of CMake: give one by --build, or the source tree by --root"};
  constexpr std::string_view key = "CMAKE_HOME_DIRECTORY:INTERNAL=";
  for (const auto line : split(*cache, '\n'))
    if (line.starts_with(key)) return std::string(trim(line.substr(key.size())));
  throw Usage{build + "/CMakeCache.txt does not name its source tree: give it by --root"};
}

std::vector<Language> choose_languages(const Options& options, const Places& places, const Platform& platform,
                                       const Language** peer, std::vector<Language>& all) {
  auto languages = find_languages(places, options.packs);
  if (!languages.errors.empty()) throw Usage{join(languages.errors, "\n")};
  all = std::move(languages.found);
  const bool elsewhere = !platform.name.empty();
  if (elsewhere) {
    std::erase_if(all, [&](const Language& one) {
      return std::ranges::find(platform.languages, one.name) == platform.languages.end();
    });
  }
  std::vector<std::string> known;
  std::ranges::transform(all, std::back_inserter(known), &Language::name);
  const auto find = [&](const std::string& name) -> const Language& {
    const auto found = std::ranges::find(all, name, &Language::name);
    if (found != all.end()) return *found;
    throw Usage{"there is no language `" + name + (elsewhere ? "` for the platform " + platform.name : "`") +
                " (known: " + join(known, ", ") + ")"};
  };
  if (!options.peer.empty()) *peer = &find(options.peer);
  std::vector<Language> chosen;
  for (const auto& name : options.languages)
    if (std::ranges::find(chosen, name, &Language::name) == chosen.end()) chosen.push_back(find(name));
  if (options.languages.empty()) std::ranges::copy_if(all, std::back_inserter(chosen), &Language::is_default);
  if (chosen.empty()) throw Usage{"no language to run: there is no adapter.toml in tests/conformance/adapters"};
  if (elsewhere) {
    for (auto* list : {&all, &chosen})
      for (auto& language : *list) run_on(language, platform);
  }
  return chosen;
}

std::vector<Case> choose_cases(const Options& options, const std::vector<Case>& all) {
  if (options.cases.empty()) return all;
  std::vector<Case> chosen;
  for (const auto& one : all)
    if (std::ranges::any_of(options.cases, [&](const auto& glob) { return glob_matches(glob, one.name); }))
      chosen.push_back(one);
  for (const auto& glob : options.cases)
    if (std::ranges::none_of(all, [&](const Case& one) { return glob_matches(glob, one.name); }))
      throw Usage{"--case " + glob + " matches no case (stdbind conform --list shows their names)"};
  return chosen;
}

// A directory for this run alone. It removes itself, unless its content is to be looked at.
class WorkDirectory {
 public:
  WorkDirectory(const std::string& parent, bool keep) : keep_(keep) {
    std::error_code error;
    fs::create_directories(parent, error);
    path_ = parent + "/run-XXXXXX";
    if (error || mkdtemp(path_.data()) == nullptr) throw Usage{parent + " cannot be written: choose another by --work"};
    struct statfs status{};
    if (statfs(path_.c_str(), &status) == 0 && (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC)) {
      fs::remove_all(path_, error);
      throw Usage{parent + " lies in memory, where no flush can be seen: choose a directory on a disk by --work"};
    }
  }
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;
  ~WorkDirectory() {
    std::error_code error;
    if (!keep_) fs::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool keep_;
};

void write_report(const std::string& file, const std::string& text) {
  if (file == "-") {
    std::fputs(text.c_str(), stdout);
    return;
  }
  const auto part = file + ".part";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(part.c_str(), "wbe"), std::fclose);
  const bool written =
      out && std::fwrite(text.data(), 1, text.size(), out.get()) == text.size() && std::fflush(out.get()) == 0;
  std::error_code error;
  if (written) fs::rename(part, file, error);
  if (!written || error) {
    fs::remove(part, error);
    throw Usage{file + " cannot be written"};
  }
}

// Better told now than after minutes.
void check_report(const std::string& file) {
  if (file.empty() || file == "-") return;
  const auto parent = fs::absolute(file).parent_path();
  if (!fs::is_directory(parent)) throw Usage{file + " cannot be written: " + parent.string() + " is no directory"};
}

// A case with a peer is run for all pairs of several languages, unless one peer is meant, or an adapter is being tried.
bool wants_pairs(const Options& options, std::size_t languages) {
  if (options.pairs.empty()) return languages > 1 && options.peer.empty() && !options.smoke;
  return options.pairs == "all";
}

int run(const Options& options) {
  if (options.pairs == "all" && !options.peer.empty())
    throw Usage{"--pairs all runs every language with every other: it goes without --peer"};
  check_report(options.json);
  check_report(options.markdown);
  Places places;
  Platform platform;
  places.build = fs::weakly_canonical(options.build.empty() ? own_build_directory() : options.build).string();
  places.root = fs::weakly_canonical(options.root.empty() ? source_of(places.build) : options.root).string();
  if (!options.platform.empty()) {
    auto found = load_platform(options.platform, places.root);
    if (!found) throw Usage{found.error()};
    platform = std::move(*found);
    if (options.build.empty()) places.build = platform.build;
    if (!fs::exists(places.build + "/CMakeCache.txt"))
      throw Usage{places.build + " is not built: ./dev platforms " + platform.name + " builds it"};
  }
  places.library =
      fs::weakly_canonical(options.library.empty() ? places.build + "/lib/libstdbind.so" : options.library).string();
  const auto tests = places.root + "/tests/conformance";
  const auto suite_directory = !options.suite.empty() ? options.suite : tests + (options.smoke ? "/smoke" : "/cases");
  const auto suite = load_suite(suite_directory, sysconf(_SC_PAGESIZE));
  if (!suite.errors.empty()) throw Usage{join(suite.errors, "\n")};
  const auto cases = choose_cases(options, suite.cases);
  if (options.list) {
    for (const auto& one : cases) std::printf("%s\n", one.name.c_str());
    std::printf("%zu cases\n", cases.size());
    return 0;
  }
  const Language* peer = nullptr;
  std::vector<Language> all;
  const auto languages = choose_languages(options, places, platform, &peer, all);
  const WorkDirectory work(options.work.empty() ? places.build + "/conform/work" : options.work, options.keep);
  RunOptions run_options;
  run_options.work_directory = work.path();
  run_options.patience.answer = std::chrono::milliseconds(static_cast<std::int64_t>(options.timeout * 1000));
  run_options.patience.start = 3 * run_options.patience.answer;
  run_options.jobs = options.jobs;
  run_options.keep_directories = options.keep;
  run_options.stop_at_first = options.smoke;
  run_options.may_mount = platform.mounts;
  std::signal(SIGPIPE, SIG_IGN);
  use_own_mounts();
  std::printf("conformance: %zu cases, %zu languages\n", cases.size(), languages.size());
  Console console(options.verbose, options.smoke);
  const auto results = run_suite(cases, options.smoke ? cases : suite.cases, languages, peer, run_options, console);
  std::vector<PairResult> pairs;
  if (wants_pairs(options, languages.size())) pairs = run_pairs(cases, languages, results, run_options, console);
  const auto totals = sum_up(results, cases.size());
  if (options.keep) std::printf("the directories of the cases are in %s\n", work.path().c_str());
  std::printf("\n%s", matrix_text(results, console.colour()).c_str());
  if (!pairs.empty()) std::printf("\n%s", pairs_text(pairs, console.colour()).c_str());
  if (!options.json.empty()) write_report(options.json, results_json(results, totals, pairs));
  if (!options.markdown.empty()) write_report(options.markdown, matrix_markdown(results, totals, pairs));
  if (!pairs.empty()) std::printf("%s\n", pairs_line(pairs).c_str());
  std::printf("%s\n", totals_line(totals).c_str());
  return std::ranges::any_of(results, &LanguageResult::red) || std::ranges::any_of(pairs, &PairResult::red) ? 1 : 0;
}

}  // namespace
}  // namespace conform

void add_conform_command(CLI::App& app, int& status) {
  auto options = std::make_shared<conform::Options>();
  auto* command = app.add_subcommand("conform", "Run the conformance suite in every language and print the matrix");
  command->footer(
      "Examples:\n"
      "  stdbind conform                                  every language, every case\n"
      "  stdbind conform --language mojo --case 'fault/*' one language, one area\n"
      "  stdbind conform --smoke --language mojo          is the adapter right? step by step\n"
      "  stdbind conform --pack ../nim                    with a language from outside\n"
      "  stdbind conform --language c,mojo --case 'share/*'  what one writes, the other reads: both ways\n"
      "  stdbind conform --pairs none -j 1                each language with itself only, one at a time\n"
      "  stdbind conform -v --case create/a-full-tmpfs-gives-no-space   every line that goes to and fro\n"
      "  stdbind conform --platform windows               the Windows adapters, under wine\n"
      "Exit codes: 0 all is as it should be, 1 something is red, 2 wrong usage or a wrong case file.");
  command->add_option("--language", options->languages, "Only these languages (also a,b); liars only run when named")
      ->delimiter(',')
      ->type_name("NAME");
  command->add_option("--case", options->cases, "Only cases whose name matches; may be repeated")->type_name("GLOB");
  command->add_option("--pack", options->packs, "A folder with the pack.toml of one more language")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--peer", options->peer, "The language of the second process; default: the same")
      ->type_name("NAME");
  command
      ->add_option("--pairs", options->pairs,
                   "Cases with a second process for all pairs of the languages: all, or none for each with itself; "
                   "default: all if there are several languages, and no --peer")
      ->type_name("none|all")
      ->check(CLI::IsMember({"none", "all"}));
  command
      ->add_option("--platform", options->platform,
                   "The adapters built for another system, as tests/conformance/platforms/NAME.toml says")
      ->type_name("NAME");
  command->add_option("--json", options->json, "Write all outcomes as JSON; - for standard output")->type_name("FILE");
  command->add_option("--markdown", options->markdown, "Write the matrix as Markdown; - for standard output")
      ->type_name("FILE");
  command->add_option("--timeout", options->timeout, "Seconds that one answer may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->add_option("-j,--jobs", options->jobs, "Languages, and then pairs of them, that run at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--root", options->root, "The source tree; default: that of the build directory")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--build", options->build, "The build directory; default: that of this command")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--library", options->library, "The library under test; default: lib/libstdbind.so of the build")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command->add_option("--suite", options->suite, "Cases from this folder instead of tests/conformance/cases")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--work", options->work, "Where the cases make their files: on a disk")->type_name("DIR");
  command->add_flag("--smoke", options->smoke,
                    "For authors of adapters: a few cases in order, stops at the first failure");
  command->add_flag("--list", options->list, "Print the names of the cases and end");
  command->add_flag("--keep", options->keep, "Keep the directories of the cases");
  command->add_flag("-v,--verbose", options->verbose, "Every case with all lines that went to and fro");
  command->callback([options, &status] {
    try {
      status = conform::run(*options);
    } catch (const conform::Usage& error) {
      std::fprintf(stderr, "stdbind conform: %s\n", error.text.c_str());
      status = 2;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "stdbind conform: %s\n", error.what());
      status = 1;
    }
  });
}

}  // namespace stdbind
