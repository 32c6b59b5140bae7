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
    if (std::holds_alternative<Unprivileged>(*action) || std::holds_alternative<Limit>(*action)) current.fresh = true;
    if (std::holds_alternative<Unprivileged>(*action) && asked_) {
      report("unprivileged must stand before the first do or fail");
      broken_ = true;
    }
    if (std::holds_alternative<Request>(*action)) asked_ = true;
    current.steps.push_back({line_, text, std::move(*action)});
  }

  void begin_case(const std::vector<Word>& words) {
    open_.reset();
    objects_.clear();
    peer_objects_.clear();
    asked_ = false;
    broken_ = true;
    if (words.size() != 2) return report("a case has one name: case " + area_ + "/WHAT");
    const std::string& name = words[1].text;
    if (!name.starts_with(area_ + "/") || name.size() == area_.size() + 1)
      return report("the name must be " + area_ + "/WHAT, after its file; this one is `" + name + "`");
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789/-") != std::string::npos)
      return report("names have lower-case letters, digits, - and /: `" + name + "`");
    broken_ = false;
    open_ = Case{name, area_, file_, line_, {}, false};
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
    if (verb == "do" || verb == "fail") return parse_request(words, peer);
    if (verb == "mapped" || verb == "unmapped" || verb == "clean" || verb == "dirty")
      return parse_mapping_check(words, peer);
    if (verb == "kill") {
      if (words.size() != 1) return Problem("kill stands alone");
      return Kill{peer};
    }
    if (peer)
      return Problem("peer goes with do, fail, mapped, unmapped, clean, dirty and kill, not with `" + verb + "`");
    return parse_plain_action(words, page_);
  }

  // The number of an object name; a new name gets the next number.
  std::expected<int, std::string> object(const Word& word, bool peer, bool opens) {
    auto& names = peer ? peer_objects_ : objects_;
    if (word.text.empty() || word.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos ||
        !word.key.empty())
      return Problem("`" + word.text + "` is no name of an object (lower-case letters, such as m)");
    if (const auto found = names.find(word.text); found != names.end()) return found->second;
    if (!opens)
      return Problem("no object `" + word.text + "` was opened in this case" + (peer ? " by the peer" : "") +
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
    if (words.size() < 2) return Problem(words[0].text + " needs an operation");
    const auto* form = find_operation(words[1].text);
    if (form == nullptr) return Problem("`" + words[1].text + "` is no operation of docs/conformance-protocol.md");
    if (form->name == "hello" || form->name == "bye" || form->name == "reset")
      return Problem(words[1].text + " is asked by the runner itself");
    request.operation = words[1].text;
    std::size_t next = 2;
    if (form->has_object) {
      if (next >= words.size()) return Problem(request.operation + " needs the name of an object");
      if (words[next].text == "unknown" && words[next].key.empty()) {
        request.object = 15;
      } else {
        const bool opens = form->name == "map" || form->name == "map_fd" || form->name == "anon";
        const auto number = object(words[next], peer, opens);
        if (!number) return Problem(number.error());
        request.object = *number;
      }
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
      const auto done = arrow                         ? expectation(request, *form, word)
                        : fails && word.key == "kind" ? error_kind(request, word)
                                                      : argument(request, *form, word);
      if (!done) return Problem(done.error());
    }
    if (arrow && request.expected.empty()) return Problem("nothing stands after ->");
    if (fails && request.error_kind.empty()) return Problem("fail needs kind=: an error kind of abi.h");
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
    if (!is_error_kind(word.text)) return Problem("`" + word.text + "` is no error kind of abi.h");
    request.error_kind = word.text;
    return {};
  }

  std::expected<void, std::string> argument(Request& request, const OperationForm& form, const Word& word) const {
    if (!has_word(form.required, word.key) && !has_word(form.optional, word.key))
      return Problem(request.operation + " has no field " + word.key + "=");
    if (std::ranges::find(request.arguments, word.key, &Argument::key) != request.arguments.end())
      return Problem(word.key + "= is given twice");
    auto argument = parse_argument(word, page_);
    if (!argument) return Problem(argument.error());
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
    const auto number = object(words[1], peer, false);
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
  std::map<std::string, int> objects_;
  std::map<std::string, int> peer_objects_;
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
