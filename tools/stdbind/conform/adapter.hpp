// A running adapter: asks it by the protocol and turns every way of misbehaving into a verdict.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "conform/language.hpp"
#include "conform/process.hpp"
#include "conform/protocol.hpp"
#include "conform/verdict.hpp"

namespace stdbind::conform {

/// How long the runner waits for an answer.
struct Patience {
  std::chrono::milliseconds answer{10000};
  std::chrono::milliseconds start{30000};  ///< for hello: interpreters and loaders take their time once
  std::chrono::milliseconds until{10000};  ///< the most that an `until` is repeated for, whatever the case says
};

class Adapter {
 public:
  /// `label` stands before its lines in a trace ("" or "peer "). `directory` is where it runs and where its
  /// standard error is kept. The language must outlive the adapter.
  Adapter(const Language& language, std::string label, std::string directory, Patience patience);

  /// Starts the process and says hello. *errors*: phase start, or a broken harness.
  std::expected<void, Trouble> start(bool unprivileged);

  /// One request and its answer. After trouble the process is gone.
  std::expected<Answer, Trouble> ask(std::string_view operation, const std::string& fields = {});

  /// Says goodbye. *errors*: handles that are still open, an exit code other than 0.
  std::expected<void, Trouble> finish();

  Ending kill() { return process_.kill(); }
  bool running() const { return process_.running(); }
  pid_t pid() const { return process_.pid(); }
  const Language& language() const { return *language_; }
  const std::string& tool() const { return tool_; }
  std::int64_t abi() const { return abi_; }

  /// Where the lines that go to and fro are noted from now on; nullptr: nowhere.
  void trace_to(std::vector<std::string>* trace) { trace_ = trace; }

  /// Forgets what the adapter has written to standard error so far.
  void forget_errors();
  /// The last lines that it has written to standard error since.
  std::string recent_errors() const;

 private:
  std::expected<Answer, Trouble> exchange(const OperationForm& form, const std::string& fields,
                                          std::chrono::milliseconds timeout);
  std::expected<void, Trouble> greet();
  void note(const std::string& line);

  const Language* language_;
  std::string label_;
  std::string directory_;
  std::string error_file_;
  Patience patience_;
  Process process_;
  std::int64_t sequence_ = 0;
  std::string tool_;
  std::int64_t abi_ = 0;
  std::size_t errors_seen_ = 0;
  std::vector<std::string>* trace_ = nullptr;
};

}  // namespace stdbind::conform
