// A running adapter. No answer is ever guessed: what does not fit the protocol ends the process.
#include "conform/adapter.hpp"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

constexpr std::size_t longest_trace_line = 400;
constexpr auto grace = std::chrono::seconds(2);

std::string seconds_text(std::chrono::milliseconds time) {
  auto text = std::to_string(static_cast<double>(time.count()) / 1000.0);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " s";
}

}  // namespace

Adapter::Adapter(const Language& language, std::string label, std::string directory, Patience patience)
    : language_(&language),
      label_(std::move(label)),
      directory_(std::move(directory)),
      error_file_(directory_ + "/" + language.name + (label_.empty() ? "" : "-peer") + ".stderr"),
      patience_(patience) {}

void Adapter::note(const std::string& line) {
  if (trace_ != nullptr) trace_->push_back(label_ + shorten(line, longest_trace_line));
}

std::expected<void, Trouble> Adapter::start(bool unprivileged) {
  sequence_ = 0;
  Launch launch;
  launch.command = language_->start;
  launch.environment = language_->environment;
  launch.directory = directory_;
  launch.error_file = error_file_;
  launch.unprivileged = unprivileged;
  if (auto started = process_.start(launch); !started)
    return std::unexpected(Trouble{Verdict::Phase, "start", started.error()});
  return greet();
}

std::expected<void, Trouble> Adapter::greet() {
  const auto refused = [&](const std::string& why) {
    process_.kill();
    return std::unexpected(Trouble{Verdict::Phase, "start", why});
  };
  const auto hello = exchange(*find_operation("hello"), {}, patience_.start);
  if (!hello) return refused(hello.error().text);
  if (hello->status != Answer::Status::Ok) return refused("hello was not answered with ok");
  const auto& fields = hello->fields;
  if (to_number(fields.at("page")) != sysconf(_SC_PAGESIZE))
    return refused("hello says page=" + fields.at("page") + ", this system has pages of " +
                   std::to_string(sysconf(_SC_PAGESIZE)) + " bytes");
  abi_ = to_number(fields.at("abi")).value_or(0);
  if (abi_ < 1) return refused("hello says abi=" + fields.at("abi") + "; the first version is 1");
  tool_ = percent_decode(fields.at("tool")).value_or(fields.at("tool"));
  return {};
}

std::expected<Answer, Trouble> Adapter::ask(std::string_view operation, const std::string& fields) {
  return exchange(*find_operation(operation), fields, patience_.answer);
}

std::expected<Answer, Trouble> Adapter::exchange(const OperationForm& form, const std::string& fields,
                                                 std::chrono::milliseconds timeout) {
  ++sequence_;
  const std::string request =
      std::to_string(sequence_) + " " + std::string(form.name) + (fields.empty() ? "" : " ") + fields;
  note("→ " + request);
  const auto deadline = Clock::now() + timeout;
  process_.write_line(request, deadline);
  const auto line = process_.read_line(deadline);
  if (!line && line.error() == Silence::Timeout) {
    process_.kill();
    note("← nothing within " + seconds_text(timeout));
    return std::unexpected(Trouble{Verdict::Timeout, {}, "no answer within " + seconds_text(timeout)});
  }
  if (!line) {
    const auto ending = process_.finish(Clock::now() + grace);
    note("← the process ended: " + ending.text());
    return std::unexpected(Trouble{Verdict::Crash, {}, "the adapter ended without an answer: " + ending.text()});
  }
  note("← " + *line);
  auto answer = parse_answer(*line, sequence_, form);
  if (answer) return std::move(*answer);
  process_.kill();
  return std::unexpected(Trouble{Verdict::BrokenHarness, {}, answer.error()});
}

std::expected<void, Trouble> Adapter::finish() {
  if (!process_.running()) return {};
  const auto bye = ask("bye");
  if (!bye) return std::unexpected(bye.error());
  const auto ending = process_.finish(Clock::now() + grace + patience_.answer);
  if (bye->status != Answer::Status::Ok)
    return std::unexpected(Trouble{Verdict::BrokenHarness, {}, "bye was not answered with ok"});
  if (bye->fields.at("live") != "0")
    return std::unexpected(Trouble{Verdict::Leak, {}, "bye says live=" + bye->fields.at("live")});
  if (!ending.clean()) return std::unexpected(Trouble{Verdict::Crash, {}, "after bye: " + ending.text()});
  return {};
}

void Adapter::forget_errors() {
  std::error_code error;
  const auto size = std::filesystem::file_size(error_file_, error);
  errors_seen_ = error ? 0 : size;
}

std::string Adapter::recent_errors() const {
  constexpr std::size_t most = 2000;
  const auto text = read_text_file(error_file_);
  if (!text || text->size() <= errors_seen_) return {};
  auto recent = text->substr(errors_seen_);
  if (recent.size() > most) recent = "…" + recent.substr(recent.size() - most);
  return std::string(trim(recent));
}

}  // namespace stdbind::conform
