// Running groups and examples.
#include "spec.hpp"

#include "builtins.hpp"

namespace stdbind::simple {

namespace {

/// The variables that a block can see, put back when it ends: nothing that it changes is seen outside.
class Surroundings {
 public:
  explicit Surroundings(Frame& frame) : frame_(frame), slots_(frame.slots, frame.slots + frame.code->slot_count) {
    for (const auto& global : frame.code->module->globals) globals_.emplace_back(global->value, global->is_set);
  }
  ~Surroundings() {
    for (std::size_t i = 0; i < slots_.size(); ++i) frame_.slots[i] = std::move(slots_[i]);
    const auto& globals = frame_.code->module->globals;
    for (std::size_t i = 0; i < globals_.size(); ++i) {
      globals[i]->value = std::move(globals_[i].first);
      globals[i]->is_set = globals_[i].second;
    }
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

 private:
  Frame& frame_;
  std::vector<Value> slots_;
  std::vector<std::pair<Value, bool>> globals_;
};

void run_block(Frame& frame, const Node& body) {
  const Surroundings kept(frame);
  Value ignored;
  body.exec(frame, ignored);
}

constexpr const char* green = "\033[32m";
constexpr const char* red = "\033[31m";
constexpr const char* yellow = "\033[33m";

}  // namespace

void SpecRun::line(const std::string& text, const char* colour) const {
  std::string out((groups_.size() - 1) * 2, ' ');
  if (colour_ && colour != nullptr) {
    out += colour + text + "\033[0m";
  } else {
    out += text;
  }
  write_output(out + "\n");
}

void SpecRun::group(Frame& frame, const std::string& name, const Node& body) {
  if (in_example_) frame.machine->fail(frame, body.location, "a group cannot stand inside of an example");
  const bool outermost = groups_.size() == 1;
  const int passed_before = passed;
  const int failed_before = failed;
  line(name, nullptr);
  groups_.emplace_back();
  struct Leave {
    SpecRun& run;
    ~Leave() { run.groups_.pop_back(); }
  };
  {
    const Leave leave{*this};
    const Surroundings kept(frame);
    Value ignored;
    body.exec(frame, ignored);
    const std::vector<const Node*> last = groups_.back().after_all;
    for (const Node* hook : last) run_block(frame, *hook);
  }
  if (!outermost) return;
  const int failures = failed - failed_before;
  const int examples = passed - passed_before + failures;
  write_output("\n");
  line(std::to_string(examples) + (examples == 1 ? " example, " : " examples, ") + std::to_string(failures) +
           (failures == 1 ? " failure" : " failures"),
       failures == 0 ? green : red);
}

void SpecRun::example(Frame& frame, Location location, const std::string& name, const Node& body) {
  if (in_example_) frame.machine->fail(frame, location, "an example cannot stand inside of an example");
  in_example_ = true;
  failures_.clear();
  const auto guarded = [&](const auto& action) {
    try {
      action();
    } catch (RuntimeError& error) {
      failures_.push_back(error.show());
    } catch (ExitRequest&) {
      failures_.emplace_back("the example called exit");
    } catch (Jump&) {
      failures_.emplace_back("the example was left by a jump");
    }
  };
  {
    const Surroundings kept(frame);
    guarded([&] {
      for (const Group& group : groups_) {
        for (const Node* hook : group.before_each) run_block(frame, *hook);
      }
      Value ignored;
      body.exec(frame, ignored);
    });
    for (auto group = groups_.rbegin(); group != groups_.rend(); ++group) {
      for (const Node* hook : group->after_each) {
        guarded([&] { run_block(frame, *hook); });
      }
    }
  }
  in_example_ = false;
  if (failures_.empty()) {
    ++passed;
    line("✓ " + name, green);
    return;
  }
  ++failed;
  line("✗ " + name, red);
  for (const std::string& failure : failures_) line("  " + failure, red);
}

void SpecRun::skip(const std::string& name) {
  ++skipped;
  line("○ " + name + " (skipped)", yellow);
}

void SpecRun::hook(Frame& frame, std::string_view word, const Node& body) {
  if (in_example_) frame.machine->fail(frame, body.location, std::string(word) + " cannot stand inside of an example");
  if (word == "before_all") {
    run_block(frame, body);
  } else if (word == "before_each") {
    groups_.back().before_each.push_back(&body);
  } else if (word == "after_each") {
    groups_.back().after_each.push_back(&body);
  } else {
    groups_.back().after_all.push_back(&body);
  }
}

void SpecRun::expected(Frame& frame, Location location) {
  if (!in_example_) frame.machine->fail(frame, location, "an expectation stands inside of an example only");
}

void SpecRun::fail(Frame& frame, Location location, std::string message) {
  expected(frame, location);
  failures_.push_back(to_string(
      Diagnostic{frame.code->module->file, location.line, location.column, std::move(message), Severity::error}));
}

std::string SpecRun::result_line() const {
  std::string text = "Results: " + std::to_string(passed + failed) + " total, " + std::to_string(passed) + " passed, " +
                     std::to_string(failed) + " failed";
  if (skipped != 0) text += ", " + std::to_string(skipped) + " skipped";
  return text;
}

}  // namespace stdbind::simple
