// Reads case files line by line. Everything that can be wrong in a case is found here, before any adapter starts.
#include "conform/case_parser.hpp"

#include <algorithm>
#include <expected>
#include <filesystem>
#include <map>
#include <set>

#include "conform/case_words.hpp"
#include "conform/protocol.hpp"
#include "conform/text.hpp"
#include "conform/values.hpp"

namespace stdbind::conform {
namespace {

using Problem = std::unexpected<std::string>;
using Action = decltype(Step::action);

class Parser {
 public:
  Parser(const std::string& file, const std::string& area, std::int64_t page) : file_(file), area_(area), page_(page) {}

  Suite run(std::string_view text) {
    for (const auto raw : split(text, '\n')) {
      ++line_;
      const auto words = split_words(raw);
      if (!words) {
        report(words.error());
      } else if (!words->empty()) {
        line(*words, std::string(trim(raw)));
      }
    }
    end_case();
    return std::move(suite_);
  }

 private:
  void report(const std::string& what) { suite_.errors.push_back(file_ + ":" + std::to_string(line_) + ": " + what); }

  void line(const std::vector<Word>& words, const std::string& text) {
    if (words[0].text == "case") {
      end_case();
      begin_case(words);
      return;
    }
    if (!open_) {
      if (!broken_) report("a case must come first: case " + area_ + "/WHAT");
      return;
    }
    auto action = parse_action(words);
    if (!action) {
      report(action.error());
      broken_ = true;
      return;
    }
    Case& current = *open_;
    if (const auto mistake = misplaced(*action, current); !mistake.empty()) {
      report(mistake);
      broken_ = true;
    }
    if (std::holds_alternative<Unprivileged>(*action)) current.fresh = true;
    if (const auto* request = std::get_if<Request>(&*action)) {
      asked_ = true;
      if (request->peer) current.paired = true;
    }
    if (const auto* disk = std::get_if<DiskAction>(&*action); disk != nullptr && disk->what == DiskAction::What::Tmpfs)
      file_systems_.insert(disk->name);
    current.steps.push_back({line_, text, std::move(*action)});
  }

  // What is wrong with a step because of those before it.
  std::string misplaced(const Action& action, const Case& current) const {
    if (std::holds_alternative<Unprivileged>(action) && asked_)
      return "unprivileged must stand before the first do or fail";
    if (const auto* limit = std::get_if<Limit>(&action);
        limit != nullptr && limit->what == Limit::What::LockedMemory && !current.fresh)
      return "limit memlock= needs unprivileged before it: root may lock all memory";
    if (const auto* disk = std::get_if<DiskAction>(&action);
        disk != nullptr && disk->what == DiskAction::What::FillDisk &&
        !file_systems_.contains(std::filesystem::path(disk->name).begin()->string()))
      return "fill-disk fills a tmpfs that the case has made: tmpfs small 64*KiB, then outside fill-disk small/rest 0";
    return {};
  }

  void begin_case(const std::vector<Word>& words) {
    open_.reset();
    names_.clear();
    file_systems_.clear();
    asked_ = false;
    broken_ = true;
    if (words.size() != 2) return report("a case has one name: case " + area_ + "/WHAT");
    const std::string& name = words[1].text;
    if (!name.starts_with(area_ + "/") || name.size() == area_.size() + 1)
      return report("the name must be " + area_ + "/WHAT, after its file; this one is `" + name + "`");
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789/-") != std::string::npos)
      return report("names have lower-case letters, digits, - and /: `" + name + "`");
    broken_ = false;
    open_ = Case{name, area_, file_, line_, {}, false, false};
  }

  void end_case() {
    if (!open_) return;
    if (!asked_ && !broken_) {
      suite_.errors.push_back(file_ + ":" + std::to_string(open_->line) + ": `" + open_->name +
                              "` asks nothing: it needs a do or fail");
    } else if (!broken_) {
      suite_.cases.push_back(std::move(*open_));
    }
    open_.reset();
  }

  std::expected<Action, std::string> parse_action(std::vector<Word> words) {
    bool peer = false;
    if (words[0].text == "peer") {
      peer = true;
      words.erase(words.begin());
      if (words.empty()) return Problem("peer needs a verb: peer do …");
    }
    const std::string verb = words[0].text;
    if (verb == "do" || verb == "fail" || verb == "until") return parse_request(words, peer);
    if (verb == "mapped" || verb == "unmapped" || verb == "clean" || verb == "dirty" || verb == "sealed")
      return parse_mapping_check(words, peer);
    if (verb == "kill") {
      if (words.size() != 1) return Problem("kill stands alone");
      return Kill{peer};
    }
    if (peer)
      return Problem("peer goes with do, fail, until, mapped, unmapped, clean, dirty, sealed and kill, not with `" +
                     verb + "`");
    return parse_plain_action(words, page_);
  }

  // The number of an object name; a new name gets the next number. Prefaults are counted by themselves.
  std::expected<int, std::string> object(const Word& word, bool peer, bool prefault, bool opens) {
    auto& names = names_[{peer, prefault}];
    if (word.text.empty() || word.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos ||
        !word.key.empty())
      return Problem("`" + word.text + "` is no name of an object (lower-case letters, such as m)");
    if (word.text == "unknown") return 15;
    if (const auto found = names.find(word.text); found != names.end()) return found->second;
    if (!opens)
      return Problem("no " + std::string(prefault ? "prefault" : "object") + " `" + word.text +
                     "` was opened in this case" + (peer ? " by the peer" : "") +
                     "; for a number that holds nothing write `unknown`");
    if (names.size() >= 15) return Problem("a case has at most 15 objects");
    const int number = static_cast<int>(names.size());
    names.emplace(word.text, number);
    return number;
  }

  std::expected<Action, std::string> parse_request(const std::vector<Word>& words, bool peer) {
    Request request;
    request.peer = peer;
    const bool fails = words[0].text == "fail";
    const bool repeats = words[0].text == "until";
    if (words.size() < 2) return Problem(words[0].text + " needs an operation");
    const auto* form = find_operation(words[1].text);
    if (form == nullptr) return Problem("`" + words[1].text + "` is no operation of docs/conformance-protocol.md");
    if (form->name == "hello" || form->name == "bye" || form->name == "reset")
      return Problem(words[1].text + " is asked by the runner itself");
    request.operation = words[1].text;
    std::size_t next = 2;
    for (const auto key : split(form->objects, ' ')) {
      if (key.empty()) continue;
      if (next >= words.size())
        return Problem(request.operation + " needs the name of " + (key == "p" ? "a prefault" : "an object"));
      const auto number = object(words[next], peer, key == "p", key == form->opens);
      if (!number) return Problem(number.error());
      request.objects.push_back({std::string(key), *number});
      ++next;
    }
    bool arrow = false;
    for (; next < words.size(); ++next) {
      const Word& word = words[next];
      if (word.text == "->" && word.key.empty()) {
        if (arrow || fails) return Problem(fails ? "fail has no answer fields, only kind=" : "a second ->");
        arrow = true;
        continue;
      }
      if (word.key.empty()) return Problem("`" + word.text + "` must be key=value");
      const auto done = arrow                               ? expectation(request, *form, word)
                        : fails && word.key == "kind"       ? error_kind(request, word)
                        : repeats && word.key == "within" ? patience(request, word)
                                                            : argument(request, *form, word);
      if (!done) return Problem(done.error());
    }
    if (arrow && request.expected.empty()) return Problem("nothing stands after ->");
    if (fails && request.error_kinds.empty()) return Problem("fail needs kind=: an error kind of abi.h");
    if (repeats && (request.within == 0 || !arrow))
      return Problem("until OPERATION [OBJECT] within=MILLISECONDS -> key=value");
    return complete(request, *form);
  }

  static std::expected<Action, std::string> complete(const Request& request, const OperationForm& form) {
    for (const auto needed : split(form.required, ' ')) {
      if (needed.empty() || std::ranges::find(request.arguments, needed, &Argument::key) != request.arguments.end())
        continue;
      return Problem(request.operation + " needs " + std::string(needed) + "=");
    }
    return request;
  }

  static std::expected<void, std::string> error_kind(Request& request, const Word& word) {
    if (!request.error_kinds.empty()) return Problem("kind= is given twice");
    for (const auto kind : split(word.text, '|')) {
      if (!is_error_kind(kind)) return Problem("`" + std::string(kind) + "` is no error kind of abi.h");
      request.error_kinds.emplace_back(kind);
    }
    return {};
  }

  static std::expected<void, std::string> patience(Request& request, const Word& word) {
    const auto within = parse_within(word);
    if (!within) return Problem(within.error());
    request.within = *within;
    return {};
  }

  std::expected<void, std::string> argument(Request& request, const OperationForm& form, const Word& word) const {
    if (!has_word(form.required, word.key) && !has_word(form.optional, word.key))
      return Problem(request.operation + " has no field " + word.key + "=");
    if (std::ranges::find(request.arguments, word.key, &Argument::key) != request.arguments.end())
      return Problem(word.key + "= is given twice");
    auto argument = parse_argument(word, page_);
    if (!argument) return Problem(argument.error());
    // Beneath a root the path is what the adapter is asked for, not a place of the runner's.
    if (form.name == "beneath" && argument->key == "path")
      argument = Argument{argument->key, percent_encode(argument->value)};
    request.arguments.push_back(std::move(*argument));
    return {};
  }

  std::expected<void, std::string> expectation(Request& request, const OperationForm& form, const Word& word) const {
    if (!has_word(form.answers, word.key))
      return Problem("the answer to " + request.operation + " has no field " + word.key + "=");
    auto expected = parse_expectation(word, page_);
    if (!expected) return Problem(expected.error());
    request.expected.push_back(std::move(*expected));
    return {};
  }

  std::expected<Action, std::string> parse_mapping_check(const std::vector<Word>& words, bool peer) {
    if (words.size() < 2) return Problem(words[0].text + " needs the name of an object");
    const auto number = object(words[1], peer, false, false);
    if (!number) return Problem(number.error());
    auto check = parse_mapping_fields(words, page_);
    if (!check) return Problem(check.error());
    check->peer = peer;
    check->object = *number;
    return *check;
  }

  std::string file_;
  std::string area_;
  std::int64_t page_;
  int line_ = 0;
  Suite suite_;
  std::optional<Case> open_;
  std::map<std::pair<bool, bool>, std::map<std::string, int>> names_;  // of the peer, of prefaults
  std::set<std::string> file_systems_;
  bool asked_ = false;
  bool broken_ = false;
};

void append(Suite& all, const std::filesystem::path& path, const std::string& area, std::int64_t page_size) {
  const auto text = read_text_file(path.string());
  if (!text) {
    all.errors.push_back(text.error());
    return;
  }
  auto some = parse_cases(*text, path.string(), area, page_size);
  std::ranges::move(some.cases, std::back_inserter(all.cases));
  std::ranges::move(some.errors, std::back_inserter(all.errors));
}

}  // namespace

Suite parse_cases(std::string_view text, const std::string& file, const std::string& area, std::int64_t page_size) {
  return Parser(file, area, page_size).run(text);
}

Suite load_suite(const std::string& directory, std::int64_t page_size) {
  Suite suite;
  std::error_code error;
  std::vector<std::filesystem::path> entries;
  for (std::filesystem::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".case") entries.push_back(it->path());
  if (error) suite.errors.push_back(directory + ": " + error.message());
  std::ranges::sort(entries);
  for (const auto& path : entries) {
    const auto relative = path.lexically_relative(directory);
    const bool nested = std::distance(relative.begin(), relative.end()) > 1;
    append(suite, path, nested ? relative.begin()->string() : path.stem().string(), page_size);
  }
  std::map<std::string, const Case*> names;
  for (const auto& one : suite.cases) {
    const auto [found, is_new] = names.emplace(one.name, &one);
    if (!is_new)
      suite.errors.push_back(one.file + ":" + std::to_string(one.line) + ": `" + one.name + "` stands already in " +
                             found->second->file + ":" + std::to_string(found->second->line));
  }
  if (suite.cases.empty() && suite.errors.empty()) suite.errors.push_back(directory + ": there is no .case file");
  return suite;
}

}  // namespace stdbind::conform
