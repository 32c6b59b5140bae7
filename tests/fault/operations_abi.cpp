// The operations of the C interface that reach the system: the same failures, seen through handles and numbers.
#include "operations.hpp"
#include "stdbind/abi.h"

namespace stdbind::tests::fault {

namespace {

constexpr std::int64_t R = STDBIND_MODE_READ;
constexpr std::int64_t W = STDBIND_MODE_WRITE;

std::int64_t length_of(const std::string& text) { return static_cast<std::int64_t>(text.size()); }

Prepare opened(std::int64_t mode, std::int64_t options = STDBIND_OPEN_NONE) {
  return [=](World& world) { world.open_handle(mode, options); };
}

/// An operation on the open handle that answers with a number.
template <class Function>
Run on_handle(Function function) {
  return [=](World& world) { return world.answer(function(world.handle)); };
}

/// An operation that answers with a new handle.
template <class Function>
Run making(Function function) {
  return [=](World& world) { return world.keep_handle(function(world)); };
}

Exceptions hints() {
  return [](const Point& point, ErrorKind& kind) {
    if (point.call == Call::madvise) kind = point.os == EFAULT ? ErrorKind::fault : ErrorKind{};
  };
}

void add_opening(std::vector<Operation>& all) {
  all.push_back({"stdbind_page_size", {}, [](World& world) { return world.answer(stdbind_page_size()); }});
  all.push_back({"stdbind_mmap_open_path", {}, making([](World& world) {
                   return stdbind_mmap_open_path(world.path.c_str(), length_of(world.path), R, 5, 100, 0);
                 })});
  all.push_back({"stdbind_mmap_open_path_with", {}, making([](World& world) {
                   return stdbind_mmap_open_path_with(world.path.c_str(), -1, W, 0, -1, 0,
                                                      STDBIND_OPEN_GROW | STDBIND_OPEN_UPDATE);
                 })});
  all.push_back({"stdbind_mmap_open_fd", {}, making([](World& world) {
                   return stdbind_mmap_open_fd(world.fd, W, 0, -1, 0);
                 })});
  all.push_back({"stdbind_mmap_open_fd_with", {}, making([](World& world) {
                   return stdbind_mmap_open_fd_with(world.fd, W, 0, -1, 0, STDBIND_OPEN_GROW);
                 })});
  all.push_back({"stdbind_mmap_open_anonymous", {}, making([](World&) {
                   return stdbind_mmap_open_anonymous(5000, W, 0);
                 })});
  all.push_back({"stdbind_mmap_open_anonymous_with", {}, making([](World&) {
                   return stdbind_mmap_open_anonymous_with(5000, W, 0, STDBIND_OPEN_RANDOM);
                 })});
  all.push_back({"stdbind_mmap_open_beneath", [](World&) { break_call(Call::openat2, ENOSYS); },
                 making([](World& world) {
                   return stdbind_mmap_open_beneath(world.directory.c_str(), -1, "d/g", -1, R, 0, -1, 0);
                 })});
  all.push_back({"stdbind_mmap_create_path", [](World& world) { world.fresh_size = 5000; }, making([](World& world) {
                   return stdbind_mmap_create_path(world.fresh.c_str(), -1, W, 5000, STDBIND_OPEN_GROW);
                 })});
  all.push_back({"stdbind_mmap_create_named", [](World& world) { world.name_exists = true; },
                 making([](World& world) {
                   return stdbind_mmap_create_named(world.name.c_str(), -1, W, 5000);
                 })});
  const auto named = [](World& world) { (void)Mmap::create_named(world.name, Mode::write, 5000).value(); };
  all.push_back({"stdbind_mmap_open_named", named, making([](World& world) {
                   return stdbind_mmap_open_named(world.name.c_str(), -1, R, 0, -1);
                 })});
  all.push_back({"stdbind_mmap_unlink_named", [=](World& world) {
                   named(world);
                   world.name_exists = false;
                 },
                 [](World& world) { return world.answer(stdbind_mmap_unlink_named(world.name.c_str(), -1)); }});
  all.push_back({"stdbind_mmap_open_sealed", {}, making([](World&) { return stdbind_mmap_open_sealed(5000, W); })});
}

void add_others(std::vector<Operation>& all) {
  all.push_back({"stdbind_mmap_descriptor", opened(W, STDBIND_OPEN_GROW), [](World& world) {
                   const std::int64_t fd = stdbind_mmap_descriptor(world.handle);
                   if (fd >= 0) world.descriptors.push_back(static_cast<int>(fd));
                   return world.answer(fd);
                 }});
  all.push_back({"stdbind_mmap_resize", [](World& world) {
                   world.open_handle(W, STDBIND_OPEN_GROW);
                   world.expected.resize(50'000, '\0');
                 },
                 on_handle([](std::int64_t handle) { return stdbind_mmap_resize(handle, 50'000); }),
                 both(becomes(Call::mremap, EFAULT, {}), becomes(Call::mremap, EINVAL, ErrorKind::no_memory))});
  all.push_back({"stdbind_mmap_protect", opened(W),
                 on_handle([](std::int64_t handle) { return stdbind_mmap_protect(handle, R); })});
  all.push_back({"stdbind_mmap_make_executable", opened(STDBIND_MODE_COW | W),
                 on_handle(stdbind_mmap_make_executable)});
  all.push_back({"stdbind_mmap_lock", opened(R),
                 on_handle([](std::int64_t handle) { return stdbind_mmap_lock(handle, 1, 5000); }),
                 becomes(Call::mlock, ErrorKind::limit)});
  all.push_back({"stdbind_mmap_unlock", opened(R),
                 on_handle([](std::int64_t handle) { return stdbind_mmap_unlock(handle, 1, 5000); })});
  all.push_back({"stdbind_mmap_resident", opened(R),
                 on_handle([](std::int64_t handle) { return stdbind_mmap_resident(handle, 0, -1); })});
  all.push_back({"stdbind_mmap_advise", opened(R), on_handle([](std::int64_t handle) {
                   return stdbind_mmap_advise(handle, 0, -1, STDBIND_ADVICE_SEQUENTIAL);
                 })});
  all.push_back({"stdbind_mmap_probe", opened(R),
                 on_handle([](std::int64_t handle) { return stdbind_mmap_probe(handle, 0, -1); }), hints()});
  all.push_back({"stdbind_mmap_flush", opened(W),
                 on_handle([](std::int64_t handle) { return stdbind_mmap_flush(handle, 0, -1); })});
  all.push_back({"stdbind_mmap_flush_async", opened(W, STDBIND_OPEN_UPDATE),
                 on_handle([](std::int64_t handle) { return stdbind_mmap_flush_async(handle, 0, -1); }),
                 becomes(Call::sync_file_range, ESPIPE, ErrorKind::unsupported)});
  all.push_back({"stdbind_mmap_update", [](World& world) {
                   world.open_handle(W, STDBIND_OPEN_UPDATE);
                   world.expected.replace(100, 4, "text");
                   world.may_be_done = true;  // but not known to be on the disk
                 },
                 on_handle([](std::int64_t handle) { return stdbind_mmap_update(handle, 100, "text", 4); })});
  all.push_back({"stdbind_mmap_is_stale", opened(R, STDBIND_OPEN_WATCH), on_handle(stdbind_mmap_is_stale),
                 becomes(Call::read, EAGAIN, {})});
  all.push_back({"stdbind_mmap_read_at strictly", opened(R, STDBIND_OPEN_WATCH | STDBIND_OPEN_STRICT),
                 on_handle([](std::int64_t handle) {
                   char buffer[10];
                   return stdbind_mmap_read_at(handle, 0, buffer, sizeof(buffer));
                 }),
                 becomes(Call::read, EAGAIN, {})});
  all.push_back({"stdbind_read_direct", {}, [](World& world) {
                   alignas(4096) static char buffer[4096];
                   return world.answer(stdbind_read_direct(world.path.c_str(), -1, 0, buffer, sizeof(buffer)));
                 },
                 becomes(Call::open, EINVAL, ErrorKind::unsupported)});
  all.push_back({"stdbind_prefault_start", opened(R), [](World& world) {
                   world.prefault_handle = stdbind_prefault_start(world.handle, 0, -1, -1);
                   const auto started = world.answer(world.prefault_handle);
                   return started ? world.answer(stdbind_prefault_wait(world.prefault_handle, -1)) : started;
                 },
                 hints()});
  all.push_back({"stdbind_mmap_close", opened(W), [](World& world) {
                   const auto closed = world.answer(stdbind_mmap_close(world.handle));
                   if (closed) world.handle = 0;
                   return closed;
                 }});
}

}  // namespace

Result<void> World::answer(std::int64_t result) {
  if (result >= 0) return {};
  Error error{.kind = static_cast<ErrorKind>(-result),
              .os = static_cast<std::int32_t>(stdbind_last_error_os()),
              .message = {}};
  char text[300];
  const std::int64_t size = stdbind_last_error_message(text, sizeof(text));
  error.message.append(std::string_view(text, static_cast<std::size_t>(size)));
  return std::unexpected(error);
}

Result<void> World::keep_handle(std::int64_t result) {
  if (result > 0) handle = result;
  return answer(result);
}

void World::open_handle(std::int64_t mode, std::int64_t options) {
  handle = stdbind_mmap_open_path_with(path.c_str(), -1, mode, 0, -1, 0, options);
  if (handle <= 0) std::abort();
}

std::vector<Operation> operations_of_abi() {
  std::vector<Operation> all;
  add_opening(all);
  add_others(all);
  for (Operation& operation : all) {
    if (!operation.prepare) operation.prepare = [](World&) {};
  }
  return all;
}

}  // namespace stdbind::tests::fault
