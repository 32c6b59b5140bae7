// The loader processes of the loader: each is used by one thread at a time, started when it is needed, replaced when it
// has ended or hangs, and ended with the last thread of the loader.
#include <array>

#include "checks.hpp"
#include "loader_work.hpp"

namespace stdbind::detail {

namespace {

using platform::LoaderAnswer;
using platform::LoaderProcess;

/// While nothing is answered, a thread looks so often whether the load was cancelled.
constexpr std::int64_t glance_ms = 20;

Channel& take_channel(Loader& loader) noexcept {
  const platform::Locked locked(loader.monitor);
  Channel* free = nullptr;
  for (Channel& channel : loader.channels) {
    if (channel.used) continue;
    if (free == nullptr || (free->process.process == 0 && channel.process.process != 0)) free = &channel;
  }
  free->used = true;  // there are as many as threads that may be here
  return *free;
}

void give_back(Loader& loader, Channel& channel) noexcept {
  const platform::Locked locked(loader.monitor);
  channel.used = false;
}

/// Ends a process. One that the system does not let end yet is looked for again with the next one.
void end(Loader& loader, LoaderProcess& process) noexcept {
  LoaderProcess ending = std::exchange(process, LoaderProcess{});
  if (ending.process == 0) return;
  const bool gone = platform::end_loader(ending);
  const platform::Locked locked(loader.monitor);
  for (LoaderProcess& left : loader.ending) {
    if (left.process != 0 && platform::has_gone(left)) left = {};
  }
  if (gone) return;
  for (LoaderProcess& left : loader.ending) {
    if (left.process != 0) continue;
    left = ending;
    return;
  }
}

Result<void> start(LoaderProcess& process) noexcept {
  std::array<char, 4096> program;  // NOLINT: filled below
  const auto named = platform::loader_program(program);
  if (!named) return fail_system(named.error(), {"load: there are no loader processes to isolate it"});
  const auto started = platform::start_loader(program.data());
  if (started) {
    process = *started;
    return {};
  }
  const std::string_view path(program.data());
  const ErrorKind kind = platform::kind_of(started.error());
  if (kind == ErrorKind::not_found || kind == ErrorKind::permission_denied || kind == ErrorKind::unsupported) {
    Error error = failure(ErrorKind::unsupported,
                          {"load: no loader process can be started from ", Quoted{path}, " (system error ",
                           started.error(), "); put stdbind-loader there, or name it in STDBIND_LOADER"});
    error.os = started.error();
    return std::unexpected(error);
  }
  return fail_system(started.error(), {"load: cannot start a loader process from ", Quoted{path}});
}

std::unexpected<Error> died(const Job& job) noexcept {
  return fail(ErrorKind::loader_died, {"load: the loader process ended while it was opening ", Quoted{job.text()},
                                       "; it is replaced: load the file again"});
}

Result<platform::File> open_by(Loader& loader, LoaderProcess& process, const Job& job, bool writable) noexcept {
  // One that has ended since it was last used has harmed nobody; one with other rights must not open for us.
  if (process.process != 0 &&
      (process.rights != platform::rights() || platform::take_answer(process, 0).what != LoaderAnswer::What::none)) {
    end(loader, process);
  }
  if (process.process == 0) {
    if (const auto started = start(process); !started) return std::unexpected(started.error());
  }
  if (const auto asked = platform::ask_loader(process, job.text(), writable); !asked) {
    if (platform::kind_of(asked.error()) == ErrorKind::too_many_open) {
      return fail_system(asked.error(), {"load: cannot open ", Quoted{job.text()}});
    }
    end(loader, process);
    return died(job);
  }
  const std::int64_t until = platform::time_after(loader.answer_ms);
  for (;;) {
    const LoaderAnswer answer = platform::take_answer(process, glance_ms);
    switch (answer.what) {
      case LoaderAnswer::What::opened:
        return answer.file;
      case LoaderAnswer::What::refused:
        return fail_system(answer.os, {"load: cannot open ", Quoted{job.text()}});
      case LoaderAnswer::What::ended:
        end(loader, process);
        return died(job);
      case LoaderAnswer::What::none:
        break;
    }
    const bool cancelled = has_ended(job.state.load(std::memory_order_acquire));
    if (!cancelled && platform::milliseconds() < until) continue;
    end(loader, process);  // its answer would be taken for that of the next file
    if (cancelled) return fail(ErrorKind::cancelled, {"load: it was cancelled"});
    return fail(ErrorKind::loader_died, {"load: the loader process gave no answer for ", loader.answer_ms,
                                         " ms when it was to open ", Quoted{job.text()}, "; it is replaced"});
  }
}

}  // namespace

Result<platform::File> open_by_process(Loader& loader, const Job& job, bool writable) noexcept {
  Channel& channel = take_channel(loader);
  auto file = open_by(loader, channel.process, job, writable);
  give_back(loader, channel);
  return file;
}

bool end_processes(Loader& loader) noexcept {
  std::array<LoaderProcess, Loader::most_processes> all{};
  bool any = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (loader.channels[i].used) continue;
    all[i] = std::exchange(loader.channels[i].process, LoaderProcess{});
    any |= all[i].process != 0;
  }
  if (!any) return false;
  loader.monitor.unlock();
  for (LoaderProcess& process : all) end(loader, process);
  loader.monitor.lock();
  return true;
}

void forget_processes(Loader& of_parent) noexcept {
  for (Channel& channel : of_parent.channels) {
    const platform::File file = std::exchange(channel.process, LoaderProcess{}).channel;
    if (file != platform::no_file) platform::close_file(file);
  }
}

}  // namespace stdbind::detail
