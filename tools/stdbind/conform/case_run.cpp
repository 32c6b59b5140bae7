// Runs one case step by step. The first step that goes wrong decides; then the leak checks are made all the same.
#include "conform/case_run.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include "conform/case_disk.hpp"
#include "conform/mounts.hpp"
#include "conform/observe.hpp"
#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

namespace fs = std::filesystem;
using Done = std::expected<void, Trouble>;

std::unexpected<Trouble> trouble(Verdict verdict, std::string text) {
  return std::unexpected(Trouble{verdict, {}, std::move(text)});
}

std::string list_of(const std::vector<std::string>& names) { return names.empty() ? "nothing" : join(names, ", "); }

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return std::ranges::find(words, word) != words.end();
}

// What the runner remembers of an object: enough to find its mapping in the process.
struct Opened {
  std::string file;
  std::uint64_t address = 0;
};

// One of the two processes of a case.
struct Side {
  Adapter* adapter = nullptr;
  std::map<int, Opened> objects;
  std::vector<std::string> descriptors;
  std::set<std::uint64_t> memory;                // where shared memory lay when the case began
  std::vector<std::pair<int, rlimit>> limits;  // what they were before the case set them
  std::optional<std::string> positioned_limit;  // as above
  bool used = false;
};

constexpr std::string_view shared_directory = "/dev/shm/";

// Shared memory without a file: of a descriptor, or anonymous.
bool is_shared_memory(const Region& region) {
  return region.path.starts_with("/memfd:") || region.path.starts_with("/dev/zero (deleted)");
}

std::set<std::uint64_t> shared_memory_of(pid_t pid) {
  std::set<std::uint64_t> places;
  for (const auto& region : read_regions(pid))
    if (is_shared_memory(region)) places.insert(region.begin);
  return places;
}

class CaseRun {
 public:
  CaseRun(const Case& one, Session& session) : case_(one), session_(session) {}

  Outcome run() {
    const auto begin = Clock::now();
    outcome_.case_name = case_.name;
    outcome_.place = case_.file + ":" + std::to_string(case_.line);
    Done done = prepare();
    if (done) {
      for (const auto& step : case_.steps) {
        outcome_.place = case_.file + ":" + std::to_string(step.line);
        outcome_.step = step.text;
        done = std::visit([this](const auto& action) { return perform_step(action); }, step.action);
        if (!done) break;
      }
    }
    const auto ended = conclude();
    if (done && !ended) {
      outcome_.step.clear();
      done = ended;
    }
    outcome_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (!done) {
      outcome_.verdict = done.error().verdict;
      outcome_.phase = done.error().phase;
      outcome_.text = done.error().text;
      outcome_.errors = errors_;
    }
    return std::move(outcome_);
  }

 private:
  Done prepare() {
    std::string name = case_.name;
    std::ranges::replace(name, '/', '-');
    std::error_code error;
    directory_ = fs::canonical(session_.work_directory, error).string() + "/" + name;
    if (!error) fs::remove_all(directory_, error);
    if (!error) fs::create_directory(directory_, error);
    if (error) return trouble(Verdict::BrokenHarness, directory_ + ": " + error.message());
    main_.adapter = &session_.adapter;
    peer_.adapter = &session_.peer;
    if (case_.fresh) {
      own_ = std::make_unique<Adapter>(session_.adapter.language(), "", session_.work_directory, session_.patience);
      main_.adapter = own_.get();
      unprivileged_ = std::ranges::any_of(
          case_.steps, [](const Step& step) { return std::holds_alternative<Unprivileged>(step.action); });
    }
    main_.adapter->trace_to(&outcome_.trace);
    peer_.adapter->trace_to(&outcome_.trace);
    return {};
  }

  // The side of a step, with its process running.
  std::expected<Side*, Trouble> side(bool peer) {
    Side& side = peer ? peer_ : main_;
    if (!side.adapter->running()) {
      if (auto started = side.adapter->start(!peer && unprivileged_); !started) {
        errors_ = side.adapter->recent_errors();
        return std::unexpected(started.error());
      }
      side.used = false;
    }
    if (!side.used) {
      side.used = true;
      side.adapter->forget_errors();
      side.descriptors = open_descriptors(side.adapter->pid());
      side.memory = shared_memory_of(side.adapter->pid());
    }
    return &side;
  }

  // Tries again while it fails, for so many milliseconds. Only the last answer stays in the trace.
  template <typename Attempt>
  Done repeat(std::int64_t within, Attempt attempt) {
    const auto deadline = Clock::now() + std::min(std::chrono::milliseconds(within), session_.patience.until);
    const auto lines = outcome_.trace.size();
    for (;;) {
      auto done = attempt();
      const bool again = !done && done.error().verdict == Verdict::Fail && Clock::now() < deadline;
      if (!again) return done;
      outcome_.trace.resize(lines);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  Done perform_step(const Request& request) {
    return repeat(request.within, [&] { return ask(request); });
  }

  Done ask(const Request& request) {
    auto found = side(request.peer);
    if (!found) return std::unexpected(found.error());
    Side& side = **found;
    const auto answer = side.adapter->ask(request.operation, fields(request, side));
    if (!answer) {
      errors_ = side.adapter->recent_errors();
      return std::unexpected(answer.error());
    }
    if (answer->status == Answer::Status::Ok) remember(request, *answer, side);
    return judge(request, *answer);
  }

  std::string fields(const Request& request, const Side& side) {
    std::string text;
    const auto add = [&](const std::string& key, const std::string& value) {
      text += (text.empty() ? "" : " ") + key + "=" + value;
    };
    for (const auto& object : request.objects) add(object.key, std::to_string(object.number));
    for (const auto& argument : request.arguments) {
      switch (argument.kind) {
        case Argument::Kind::Plain:
          add(argument.key, argument.value);
          break;
        case Argument::Kind::Path:
          add(argument.key, percent_encode(absolute(argument.value)));
          break;
        case Argument::Kind::SharedName:
          add(argument.key, percent_encode((argument.value.starts_with('/') ? "/" : "") + own_name(argument.value)));
          break;
        case Argument::Kind::FreeAddress:
          add(argument.key, std::to_string(free_address(side)));
          break;
        case Argument::Kind::TakenAddress:
          add(argument.key, std::to_string(taken_address(side)));
          break;
      }
    }
    return text;
  }

  // The name of shared memory that nobody else uses.
  std::string own_name(std::string_view name) const {
    if (name.starts_with('/')) name.remove_prefix(1);
    return session_.shared_prefix + std::string(name);
  }

  std::string absolute(const std::string& name) const {
    return name.empty() || name.starts_with('/') ? name : directory_ + "/" + name;
  }

  std::uint64_t free_address(const Side& side) {
    if (free_address_ == 0) free_address_ = find_free_address(side.adapter->pid(), std::uint64_t{1} << 22U);
    return free_address_;
  }

  std::uint64_t taken_address(const Side& side) {
    const auto regions = read_regions(side.adapter->pid());
    if (taken_address_ == 0 && !regions.empty()) taken_address_ = regions.front().begin;
    return taken_address_;
  }

  void remember(const Request& request, const Answer& answer, Side& side) const {
    if (request.operation == "positioned_limit" && !side.positioned_limit)
      side.positioned_limit = answer.fields.at("n");
    const auto& opens = find_operation(request.operation)->opens;
    for (const auto& object : request.objects) {
      if (object.key == opens && object.key != "p") side.objects[object.number] = opened(request, side);
      if (request.operation == "view")
        side.objects[object.number].address =
            static_cast<std::uint64_t>(to_number(answer.fields.at("address")).value_or(0));
    }
  }

  Opened opened(const Request& request, Side& side) const {
    Opened opened;
    std::error_code error;
    // What was handed over is what it was.
    if (request.operation == "handover") opened.file = side.objects[request.objects.front().number].file;
    for (const auto& argument : request.arguments) {
      if (argument.kind == Argument::Kind::Path) opened.file = absolute(argument.value);
      if (argument.kind == Argument::Kind::SharedName)
        opened.file = std::string(shared_directory) + own_name(argument.value);
      if (request.operation == "beneath" && argument.key == "path")
        opened.file += "/" + percent_decode(argument.value).value_or("");
    }
    if (!opened.file.empty()) opened.file = fs::weakly_canonical(opened.file, error).string();
    return opened;
  }

  Done judge(const Request& request, const Answer& answer) const {
    if (answer.status == Answer::Status::Unsupported)
      return trouble(Verdict::Unsupported, "`" + request.operation + "` is unsupported");
    if (!request.error_kinds.empty()) {
      if (answer.status == Answer::Status::Error && is_one_of(answer.kind, request.error_kinds))
        return judge_message(answer);
      return trouble(Verdict::Fail, "expected the error " + join(request.error_kinds, " or ") + ", the answer was " +
                                        (answer.status == Answer::Status::Ok ? "ok" : "the error " + answer.kind));
    }
    if (answer.status == Answer::Status::Error) {
      const auto message = answer.fields.find("message");
      return trouble(
          Verdict::Fail,
          "expected ok, the answer was the error " + answer.kind +
              (message == answer.fields.end() ? "" : ": " + percent_decode(message->second).value_or(message->second)));
    }
    for (const auto& expected : request.expected) {
      if (auto met = judge_field(expected, answer); !met) return met;
    }
    return {};
  }

  // What an adapter answers itself, of a number that holds nothing, has no message to tell.
  static Done judge_message(const Answer& answer) {
    const auto message = answer.fields.find("message");
    if (answer.kind == "closed" || (message != answer.fields.end() && !message->second.empty())) return {};
    return trouble(Verdict::Fail, "the error " + answer.kind + " has no message");
  }

  Done judge_field(const Expectation& expected, const Answer& answer) const {
    if (expected.bytes) return judge_bytes(*expected.bytes, answer);
    const auto wanted = expected.free_address ? std::to_string(free_address_) : expected.value;
    const auto found = answer.fields.find(expected.key);
    if (found != answer.fields.end() && found->second == wanted) return {};
    return trouble(Verdict::Fail,
                   "expected " + expected.key + "=" + wanted + ", the answer has " +
                       (found == answer.fields.end() ? "no such field" : expected.key + "=" + found->second));
  }

  static Done judge_bytes(const std::string& wanted, const Answer& answer) {
    const auto& n = answer.fields.at("n");
    if (n != std::to_string(wanted.size()))
      return trouble(Verdict::Fail, "expected n=" + std::to_string(wanted.size()) + ", the answer has n=" + n);
    const bool by_crc = wanted.size() > 256;
    const std::string key = by_crc ? "crc" : "data";
    const auto text = by_crc ? crc32_hex(wanted) : to_hex(wanted);
    const auto& found = answer.fields.at(key);
    if (found == text) return {};
    return trouble(Verdict::Fail, "expected " + key + "=" + text + ", the answer has " + key + "=" + found);
  }

  Done perform_step(const DiskAction& action) {
    if (action.what == DiskAction::What::Tmpfs && !session_.may_mount) {
      constexpr const char* why = "programs of this platform do not see mounts of the runner";
      return std::unexpected(Trouble{Verdict::Unsupported, "cannot mount", why});
    }
    if (auto done = perform(action, directory_); !done) return done;
    switch (action.what) {
      case DiskAction::What::Unlink:
        names_.erase(action.name);
        break;
      case DiskAction::What::Rename:
        names_.erase(action.name);
        names_.insert(action.target);
        break;
      case DiskAction::What::Tmpfs:
        file_systems_.push_back(directory_ + "/" + action.name);
        names_.insert(action.name);
        break;
      default:
        names_.insert(action.name);
    }
    return {};
  }

  Done perform_step(const DiskCheck& wanted) const {
    if (auto met = check(wanted, directory_); !met) return trouble(Verdict::Fail, met.error());
    return {};
  }

  Done perform_step(const Listing& listing) {
    names_ = {listing.names.begin(), listing.names.end()};
    return compare_names();
  }

  Done compare_names() const {
    const auto found = names_in(directory_);
    if (std::ranges::equal(found, names_)) return {};
    return trouble(Verdict::Fail, "the directory of the case holds " + list_of(found) + "; expected " +
                                      list_of({names_.begin(), names_.end()}));
  }

  Done perform_step(const MappingCheck& wanted) {
    return repeat(wanted.within, [&] { return look_at_mappings(wanted); });
  }

  Done look_at_mappings(const MappingCheck& wanted) {
    Side& side = wanted.peer ? peer_ : main_;
    if (!side.adapter->running()) return trouble(Verdict::Fail, "the adapter is not running any more");
    const auto object = side.objects[wanted.object];
    const auto file = wanted.file.empty() ? object.file : directory_ + "/" + wanted.file;
    std::vector<Region> regions;
    for (auto& region : read_regions(side.adapter->pid())) {
      const bool mine = file.empty() ? region.contains(object.address) : region.is_of(file);
      if (mine) regions.push_back(std::move(region));
    }
    if (wanted.descriptors) {
      const auto open =
          std::ranges::count_if(open_descriptors(side.adapter->pid()), [&](const std::string& descriptor) {
            return descriptor.ends_with(" -> " + file) || descriptor.ends_with(" -> " + file + " (deleted)");
          });
      if (open != *wanted.descriptors)
        return trouble(Verdict::Fail, "expected descriptors=" + std::to_string(*wanted.descriptors) +
                                          ", the adapter has " + std::to_string(open) + " of " + file);
    }
    return judge_regions(wanted, side.adapter->pid(), regions,
                         file.empty() ? "memory of the object" : fs::path(file).filename().string());
  }

  Done judge_regions(const MappingCheck& wanted, pid_t pid, const std::vector<Region>& regions,
                     const std::string& what) const {
    std::string seen;
    for (const auto& region : regions) seen += "\n  " + region.text();
    const bool dirty = std::ranges::any_of(regions, [](const Region& region) { return region.dirty > 0; });
    std::string wrong;
    switch (wanted.what) {
      case MappingCheck::What::Unmapped:
        if (!regions.empty()) wrong = "the adapter still maps " + what;
        break;
      case MappingCheck::What::Clean:
        if (regions.empty() || dirty) wrong = "no clean mapping of " + what;
        break;
      case MappingCheck::What::Dirty:
        if (!dirty) wrong = "no mapping of " + what + " with a dirty page";
        break;
      case MappingCheck::What::Sealed:
        if (regions.empty() || !is_shared_memory(regions.front())) {
          wrong = "no shared memory where the last view was";
        } else if (auto tried = try_to_resize(pid, regions.front()); !tried) {
          wrong = tried.error();
        }
        break;
      case MappingCheck::What::Mapped:
        if (std::ranges::none_of(regions, [&](const Region& region) { return fits(wanted, region); }))
          wrong = "no mapping of " + what + " is as the case says";
        break;
    }
    if (wrong.empty()) return {};
    return trouble(Verdict::Fail,
                   wrong + (regions.empty() ? "; the adapter maps nothing of it" : "; the system shows" + seen));
  }

  bool fits(const MappingCheck& wanted, const Region& region) const {
    const bool random = region.has_flag("rr");
    const bool sequential = region.has_flag("sr");
    const auto* const huge = region.has_flag("ht") ? "pool" : region.has_flag("hg") ? "asked" : "no";
    const Platform& platform = session_.adapter.language().platform;
    // A locked range is one of pages, wherever its mapping begins.
    const auto before = wanted.locked.empty() ? wanted.offset.value_or(0) % platform.granularity : 0;
    return (wanted.protection.empty() || wanted.protection == region.protection ||
            shown(wanted.protection, platform) == region.protection) &&
           (!wanted.offset || *wanted.offset - before == region.offset) &&
           (!wanted.length || *wanted.length + before == region.length()) &&
           (wanted.advice.empty() ||
            ((wanted.advice == "random") == random && (wanted.advice == "sequential") == sequential)) &&
           (wanted.resident.empty() || region.resident == (wanted.resident == "all" ? region.length() : 0)) &&
           (wanted.locked.empty() || region.has_flag("lo") == (wanted.locked == "yes")) &&
           (wanted.huge.empty() || wanted.huge == huge) &&
           (!wanted.aligned || region.begin % static_cast<std::uint64_t>(*wanted.aligned) == 0) &&
           (!wanted.free_address || region.begin == free_address_) &&
           (!wanted.taken_address || region.begin == taken_address_);
  }

  static std::string shown(std::string protection, const Platform& platform) {
    if (platform.readonly_is_shared && protection[1] != 'w') protection.back() = 's';
    return protection;
  }

  // Only the soft limit is set, so that it can be taken back when the case ends.
  Done perform_step(const Limit& limit) {
    auto found = side(false);
    if (!found) return std::unexpected(found.error());
    const auto pid = (*found)->adapter->pid();
    const auto [resource, used] = resource_of(limit.what, pid);
    rlimit now{};
    if (prlimit(pid, resource, nullptr, &now) != 0) return trouble(Verdict::BrokenHarness, std::strerror(errno));
    (*found)->limits.emplace_back(resource, now);
    now.rlim_cur = std::min(now.rlim_max, static_cast<rlim_t>(used + limit.bound));
    if (prlimit(pid, resource, &now, nullptr) != 0) return trouble(Verdict::BrokenHarness, std::strerror(errno));
    return {};
  }

  // The limit of the system, and what the process has used of it.
  static std::pair<__rlimit_resource, std::int64_t> resource_of(Limit::What what, pid_t pid) {
    switch (what) {
      case Limit::What::Descriptors:
        return {RLIMIT_NOFILE, lowest_free_descriptor(pid)};
      case Limit::What::AddressSpace:
        return {RLIMIT_AS, address_space_used(pid)};
      case Limit::What::LockedMemory:
        return {RLIMIT_MEMLOCK, locked_memory(pid)};
      case Limit::What::FileSize:
        break;
    }
    return {RLIMIT_FSIZE, 0};
  }

  static void restore_limits(Side& side) {
    if (side.positioned_limit && side.adapter->running())
      [[maybe_unused]] const auto told = side.adapter->ask("positioned_limit", "bytes=" + *side.positioned_limit);
    side.positioned_limit.reset();
    for (; !side.limits.empty(); side.limits.pop_back()) {
      const auto& [resource, before] = side.limits.back();
      if (side.adapter->running())
        prlimit(side.adapter->pid(), static_cast<__rlimit_resource>(resource), &before, nullptr);
    }
  }

  Done perform_step(const Unprivileged&) const { return {}; }

  Done perform_step(const Kill& kill) {
    Side& side = kill.peer ? peer_ : main_;
    if (!side.adapter->running()) return trouble(Verdict::BrokenHarness, "there is no process to kill yet");
    side.adapter->kill();
    side.objects.clear();
    side.limits.clear();
    side.positioned_limit.reset();
    return {};
  }

  // Drops all objects and looks for what is left; then removes the directory.
  Done conclude() {
    Done done;
    for (Side* side : {&main_, &peer_}) {
      if (side->adapter == nullptr) continue;
      restore_limits(*side);
      if (!side->used || !side->adapter->running()) continue;
      auto left = look_for_leaks(*side);
      if (errors_.empty()) errors_ = side->adapter->recent_errors();
      if (done && !left) done = left;
    }
    if (own_) {
      auto ended = own_->finish();
      if (done && !ended) done = ended;
      own_->kill();
    }
    if (done) done = compare_names();
    session_.adapter.trace_to(nullptr);
    session_.peer.trace_to(nullptr);
    for (const auto& path : file_systems_) unmount(path);
    if (auto gone = remove_shared_names(); done && !gone) done = gone;
    if (!session_.keep_directories && !directory_.empty()) remove_directory(directory_);
    return done;
  }

  // Shared memory outlives its processes: a case gives up every name that it has made.
  Done remove_shared_names() const {
    std::vector<std::string> left;
    std::error_code error;
    for (fs::directory_iterator it(shared_directory, error), end; !error && it != end; it.increment(error))
      if (it->path().filename().string().starts_with(session_.shared_prefix)) left.push_back(it->path().string());
    for (const auto& path : left) fs::remove(path, error);
    if (left.empty()) return {};
    return trouble(Verdict::Leak, "shared memory keeps its name: " + join(left, ", "));
  }

  Done look_for_leaks(Side& side) const {
    const auto reset = side.adapter->ask("reset");
    if (!reset) return std::unexpected(reset.error());
    if (reset->status != Answer::Status::Ok) return trouble(Verdict::BrokenHarness, "reset was not answered with ok");
    const auto pid = side.adapter->pid();
    std::string left;
    if (reset->fields.at("live") != "0") left = "after reset live=" + reset->fields.at("live") + ", expected 0";
    for (const auto& descriptor : open_descriptors(pid))
      if (std::ranges::find(side.descriptors, descriptor) == side.descriptors.end())
        left += (left.empty() ? "" : "\n") + std::string("after reset a descriptor is still open: ") + descriptor;
    for (const auto& region : read_regions(pid))
      if (region.path.starts_with(directory_ + "/") ||
          region.path.starts_with(std::string(shared_directory) + session_.shared_prefix) ||
          (is_shared_memory(region) && !side.memory.contains(region.begin)))
        left += (left.empty() ? "" : "\n") + std::string("after reset ") + region.path + " is still mapped";
    if (left.empty()) return {};
    side.adapter->kill();  // the next case begins without what this one left
    return trouble(Verdict::Leak, left);
  }

  const Case& case_;
  Session& session_;
  Outcome outcome_;
  std::string directory_;
  std::set<std::string> names_;
  std::vector<std::string> file_systems_;  // mounted in the directory of the case
  std::unique_ptr<Adapter> own_;
  bool unprivileged_ = false;
  Side main_;
  Side peer_;
  std::uint64_t free_address_ = 0;
  std::uint64_t taken_address_ = 0;
  std::string errors_;
};

}  // namespace

std::string Session::unused_prefix() {
  static std::atomic<int> sessions = 0;
  return "conform-" + std::to_string(getpid()) + "-" + std::to_string(++sessions) + "-";
}

Outcome run_case(const Case& one, Session& session) {
  auto outcome = CaseRun(one, session).run();
  // The system may write pages back at any moment. That a page is dirty only shows that the case could have failed, so
  // it may be looked for again.
  const auto not_dirty = [&] {
    return outcome.verdict == Verdict::Fail &&
           (outcome.step.starts_with("dirty ") || outcome.step.starts_with("peer dirty "));
  };
  for (int again = 0; again < 2 && not_dirty(); ++again) outcome = CaseRun(one, session).run();
  return outcome;
}

}  // namespace stdbind::conform
