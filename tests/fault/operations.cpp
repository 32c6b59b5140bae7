// The operations of the C++ interface.
#include "operations.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "stdbind/abi.h"
#include "stdbind/reader.hpp"

namespace stdbind::tests::fault {

namespace {

constexpr Mode R = Mode::read;
constexpr Mode W = Mode::write;
constexpr Mode C = Mode::cow;
using enum OpenOptions;

template <class T>
Result<void> done(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

std::int64_t size(const World& world) { return static_cast<std::int64_t>(world.bytes.size()); }

Prepare opened(Mode mode, OpenOptions options = none) {
  return [=](World& world) { world.open(mode, options); };
}

/// Opening by path; the mapping shows the file.
Run opening(Mode mode, OpenOptions options) {
  return [=](World& world) {
    world.seen = world.bytes.substr(0, 10);
    return world.keep(Mmap::open(world.path, mode, 0, to_end, 0, options));
  };
}

Run from_memory(Mode mode, OpenOptions options) {
  return [=](World& world) { return world.keep(Mmap::anonymous(5000, mode, 0, options)); };
}

Prepare resizable(std::int64_t size_after) {
  return [=](World& world) {
    world.open(W, grow);
    world.expected.resize(static_cast<std::size_t>(size_after), '\0');
  };
}

Run resizing(std::int64_t length) {
  return [=](World& world) { return world.mmap.resize(length); };
}

Prepare by_position(OpenOptions options = none) {
  return [=](World& world) {
    world.limit_before = set_positioned_limit(0).value();
    world.open(R, options);
  };
}

/// What watching asks besides.
Exceptions watching() {
  return [](const Point& point, ErrorKind& kind) {
    // One number of the system for two limits; the library finds out which it was.
    if (point.call == Call::inotify_init1 && point.os == EMFILE) kind = ErrorKind::limit;
    if (point.call == Call::inotify_add_watch && point.os == ENOSPC) kind = ErrorKind::limit;
    if (point.call == Call::inotify_add_watch && point.os == ENOENT) kind = ErrorKind::unsupported;  // no /proc
    if (point.call == Call::read && point.os == EAGAIN) kind = {};                                    // no change
  };
}

/// The advice to bring pages in is a hint but for EFAULT; pages are touched then.
Exceptions populating() {
  return [](const Point& point, ErrorKind& kind) {
    if (point.call == Call::madvise) kind = point.os == EFAULT ? ErrorKind::fault : ErrorKind{};
  };
}

/// A range that is held in parts is mapped again; and nothing but the new length can be wrong about a request.
Exceptions remapping() {
  return both(becomes(Call::mremap, EFAULT, {}), becomes(Call::mremap, EINVAL, ErrorKind::no_memory));
}

/// Which of the calls of its name it is, of all that the operation makes.
struct Place {
  std::ptrdiff_t from_start;  // 1 for the first
  std::ptrdiff_t from_end;    // 1 for the last
};
Place place_of(const Point& point) {
  const auto& calls = recorded();
  const auto at = calls.begin() + static_cast<std::ptrdiff_t>(point.number);
  return {std::count(calls.begin(), at, point.call), std::count(at, calls.end(), point.call) + 1};
}

/// An own change of a watched file looks at it before and afterwards. What these looks cannot tell is left to the next
/// one, but the operation's own look, in between, is not.
Exceptions looking() {
  return [](const Point& point, ErrorKind& kind) {
    if (point.call == Call::read) kind = {};
    if (point.call != Call::fstat && point.call != Call::get_flags) return;
    const Place place = place_of(point);
    if (place.from_end == 1 || (place.from_start == 1 && !point.for_ever)) kind = {};
  };
}

/// Where an operation fails anyway, what it does then to clean up is not noticed.
Exceptions cleaning_up(ErrorKind always, std::initializer_list<Call> calls) {
  return [=, cleaning = std::vector(calls)](const Point& point, ErrorKind& kind) {
    if (std::ranges::find(cleaning, point.call) != cleaning.end()) kind = always;
  };
}

void add_opening(std::vector<Operation>& all) {
  all.push_back({"first opening of a process", {}, opening(R, none), {}, {}, true});
  all.push_back({"page_size", {}, [](World&) { return done(page_size()); }});
  all.push_back({"open a range to be read", {}, [](World& world) {
                   world.seen = world.bytes.substr(4097, 10);
                   return world.keep(Mmap::open(world.path, R, 4097, 100));
                 }});
  all.push_back({"open to be written", {}, opening(W, none)});
  all.push_back({"open as a private copy", {}, opening(C | W, none)});
  all.push_back({"open an empty range", {}, [](World& world) {
                   return world.keep(Mmap::open(world.path, W, size(world), to_end, 0, grow));
                 }});
  all.push_back({"open grow", {}, opening(W, grow)});
  all.push_back({"open update", {}, opening(W, update)});
  all.push_back({"open watch", {}, opening(R, watch), watching()});
  all.push_back({"open watch strict", {}, opening(R, watch | strict | grow), watching()});
  all.push_back({"open populate", {}, opening(R, populate), populating()});
  all.push_back({"open random", {}, opening(R, random)});
  all.push_back({"open any_file", {}, [](World& world) {
                   return world.keep(Mmap::open("/dev/zero", W, 0, 100, 0, any_file));
                 }});
  all.push_back({"open by position", [](World& world) { world.limit_before = set_positioned_limit(0).value(); },
                 opening(R, none)});
  all.push_back({"from_fd", {}, [](World& world) {
                   world.seen = world.bytes.substr(0, 10);
                   return world.keep(Mmap::from_fd(world.fd, W));
                 }});
  all.push_back({"from_fd watch", {}, [](World& world) {
                   world.seen = world.bytes.substr(0, 10);
                   return world.keep(Mmap::from_fd(world.fd, W, 0, to_end, 0, watch | update));
                 }, watching()});
  const auto beneath = [](const char* name) {
    return [=](World& world) { return world.keep(Mmap::open_beneath(world.directory, name, W)); };
  };
  const auto walk = [](World&) { break_call(Call::openat2, ENOSYS); };
  all.push_back({"open_beneath", {}, beneath("d/g"), [](const Point& point, ErrorKind& kind) {
                   constexpr int other_way[] = {EAGAIN, ELOOP, ENOSYS, EPERM, EXDEV};
                   const bool walked = std::ranges::find(other_way, point.os) != std::end(other_way);
                   if (point.call == Call::openat2 && walked) kind = {};
                 }});
  all.push_back({"open_beneath by walking", walk, beneath("d/g")});
  all.push_back({"open_beneath a link", walk, beneath("link"), becomes(Call::fstatat, ErrorKind::invalid_argument),
                 ErrorKind::permission_denied});
  all.push_back({"anonymous", {}, from_memory(W, none)});
  all.push_back({"anonymous private populate", {}, from_memory(C | W, populate), becomes(Call::madvise, EINVAL, {})});
  all.push_back({"anonymous read populate", {}, from_memory(R, populate), populating()});
  all.push_back({"anonymous random", {}, from_memory(W, random)});
  all.push_back({"anonymous huge", {}, from_memory(W, huge), becomes(Call::madvise, EINVAL, ErrorKind::unsupported)});
  all.push_back({"anonymous private huge", {}, from_memory(C | W, huge),
                 becomes(Call::madvise, EINVAL, ErrorKind::unsupported)});
}

void add_making(std::vector<Operation>& all) {
  const auto made = [](World& world) { world.fresh_size = 5000; };
  const auto create = [](Mode mode, OpenOptions options) {
    return [=](World& world) { return world.keep(Mmap::create(world.fresh, mode, 5000, options)); };
  };
  all.push_back({"create", made, create(W, none)});
  all.push_back({"create grow", made, create(W, grow)});
  all.push_back({"create watch", made, create(R, watch), watching()});
  all.push_back({"create populate", made, create(W, populate), populating()});
  all.push_back({"create an empty file", [](World& world) { world.fresh_size = 0; }, [](World& world) {
                   return world.keep(Mmap::create(world.fresh, W, 0));
                 }});
  // A file that cannot be removed is left: no check of it.
  const auto no_room = [](World&) { break_call(Call::posix_fallocate, ENOSPC); };
  all.push_back({"create without room", no_room, create(W, none),
                 cleaning_up(ErrorKind::no_space, {Call::unlink, Call::close}), ErrorKind::no_space});
  all.push_back({"create without addresses", [](World&) { break_call(Call::mmap, ENOMEM); },
                 create(W, grow), cleaning_up(ErrorKind::no_memory, {Call::unlink, Call::close}),
                 ErrorKind::no_memory});
  const auto create_named = [](World& world) { return world.keep(Mmap::create_named(world.name, W, 5000)); };
  const auto named = [](World& world) { (void)Mmap::create_named(world.name, W, 5000).value(); };
  all.push_back({"create_named", [](World& world) { world.name_exists = true; }, create_named});
  all.push_back({"create_named without room", no_room, create_named,
                 cleaning_up(ErrorKind::no_space, {Call::shm_unlink, Call::close}), ErrorKind::no_space});
  all.push_back({"open_named", named, [](World& world) { return world.keep(Mmap::open_named(world.name, W, 1, 10)); }});
  all.push_back({"unlink_named", [=](World& world) {
                   named(world);
                   world.name_exists = false;
                 },
                 [](World& world) { return Mmap::unlink_named(world.name); }});
  const auto seal = [](World& world) { return world.keep(Mmap::open_sealed(5000)); };
  all.push_back({"open_sealed", {}, seal});
  // The system is asked how much memory it has left; if it does not tell, that is no reason to refuse.
  all.push_back({"open_sealed, 2 MiB", {}, [](World& world) { return world.keep(Mmap::open_sealed(2 << 20)); },
                 both(becomes(Call::open, {}), becomes(Call::read, {}))});
  all.push_back({"open_sealed without room", no_room, seal, {}, ErrorKind::no_space});
  all.push_back({"descriptor", opened(W, grow), [](World& world) { return world.keep(world.mmap.descriptor()); }});
}

void add_resizing(std::vector<Operation>& all) {
  const auto page = static_cast<std::int64_t>(tests::page());
  all.push_back({"resize a file to be longer", resizable(9 * page), resizing(9 * page), remapping()});
  all.push_back({"resize a file to be shorter", resizable(10), resizing(10), remapping()});
  all.push_back({"resize a file to nothing", resizable(0), [](World& world) {
                   const auto resized = world.mmap.resize(0);
                   if (resized) world.seen.clear();
                   return resized;
                 }});
  all.push_back({"resize a file from nothing", [=](World& world) {
                   world.open(W, grow, size(world));
                   world.seen.clear();
                   world.expected.resize(world.bytes.size() + 100, '\0');
                 },
                 resizing(100)});
  all.push_back({"resize a part of a file", [](World& world) { world.open(W, grow, 4099, 10); }, resizing(5000),
                 remapping()});
  all.push_back({"resize a split range", [=](World& world) {
                   world.open(W, grow);
                   (void)world.mmap.advise(Advice::random, page, 1);
                   world.expected.resize(static_cast<std::size_t>(9 * page), '\0');
                 },
                 resizing(9 * page), remapping()});
  all.push_back({"resize a file to be read", opened(R, grow), resizing(10), remapping()});
  all.push_back({"resize by position", by_position(grow), resizing(10)});
  all.push_back({"resize a watched file", [=](World& world) {
                   world.open(W, grow | watch);
                   world.expected.resize(static_cast<std::size_t>(9 * page), '\0');
                 },
                 resizing(9 * page), both(remapping(), looking())});
  const auto memory = [](OpenOptions options) {
    return [=](World& world) {
      world.mmap = Mmap::anonymous(5000, C | W, 0, options).value();
      (void)world.mmap.write_at(0, std::as_bytes(std::span(world.bytes.data(), 5000)));
      world.seen = world.bytes.substr(0, 5000);
    };
  };
  all.push_back({"resize memory", memory(none), resizing(5 * page), remapping()});
  all.push_back({"resize huge memory", memory(huge), resizing(std::int64_t{3} << 20), remapping()});
  all.push_back({"resize split memory", [=](World& world) {
                   memory(none)(world);
                   (void)world.mmap.advise(Advice::random, page, 1);
                 },
                 resizing(5 * page), remapping()});
  all.push_back({"resize without room", [=](World& world) {
                   resizable(9 * page)(world);
                   break_call(Call::posix_fallocate, ENOSPC);
                 },
                 resizing(9 * page),
                 // The look that finds out what is to be taken back is the second.
                 [](const Point& point, ErrorKind& kind) {
                   const bool looks = point.call == Call::fstat || point.call == Call::get_flags;
                   if (point.call == Call::ftruncate || (looks && place_of(point).from_end == 1)) {
                     kind = ErrorKind::no_space;
                   }
                 },
                 ErrorKind::no_space});
  all.push_back({"resize a file that cannot be cut", [](World& world) {
                   resizable(10)(world);
                   break_call(Call::ftruncate, EPERM);
                 },
                 resizing(10),
                 // The second mremap brings the mapping back; if it cannot, it is shorter, and the file as it was.
                 both(remapping(), [](const Point& point, ErrorKind& kind) {
                   const bool later = place_of(point).from_start == 2;
                   if (point.call != Call::mremap) return;
                   if (later || kind == ErrorKind{}) kind = ErrorKind::permission_denied;
                 }),
                 ErrorKind::permission_denied});
}

void add_pages(std::vector<Operation>& all) {
  all.push_back({"protect", opened(W), [](World& world) { return world.mmap.protect(R); }});
  all.push_back({"protect a mapping of nothing", [](World& world) {
                   world.open(W, grow, size(world));
                   world.seen.clear();
                 },
                 [](World& world) { return world.mmap.protect(R | W); }});
  all.push_back({"make_executable", [](World& world) { world.mmap = Mmap::anonymous(5000, C | W).value(); },
                 [](World& world) { return world.mmap.make_executable(); }});
  all.push_back({"lock", opened(R), [](World& world) { return world.mmap.lock(1, 5000); },
                 becomes(Call::mlock, ErrorKind::limit)});
  all.push_back({"unlock", opened(R), [](World& world) { return world.mmap.unlock(1, 5000); }});
  all.push_back({"resident", opened(R), [](World& world) { return done(world.mmap.resident()); }});
  all.push_back({"advise", opened(W), [](World& world) { return world.mmap.advise(Advice::will_need, 1, 5); }});
  all.push_back({"probe", opened(R), [](World& world) { return world.mmap.probe(1, 5000); }, populating()});
  const auto prefault = [](World& world) -> Result<void> {
    auto started = world.mmap.prefault();
    if (!started) return std::unexpected(started.error());
    world.prefault = std::move(*started);
    return world.prefault.wait();
  };
  all.push_back({"prefault a file", opened(R), prefault, populating()});
  all.push_back({"prefault memory", [](World& world) { world.mmap = Mmap::anonymous(5000, C | W).value(); }, prefault,
                 [](const Point& point, ErrorKind& kind) {  // a second advice is tried
                   if (point.call != Call::madvise) return;
                   kind = point.for_ever && point.os == EFAULT ? ErrorKind::fault : ErrorKind{};
                 }});
  all.push_back({"close", opened(W), [](World& world) { return world.mmap.close(); }});
  all.push_back({"close a watched one", opened(W, watch | update), [](World& world) { return world.mmap.close(); }});
}

void add_reading(std::vector<Operation>& all) {
  const auto same = [](const World& world, const Result<Bytes>& read) -> Result<void> {
    if (!read) return std::unexpected(read.error());
    if (read->text() != world.bytes) return std::unexpected(Error{ErrorKind::fault, 0, {}});
    return {};
  };
  all.push_back({"read_file", {}, [=](World& world) { return same(world, read_file(world.path)); }});
  all.push_back({"read_into", {}, [](World& world) {
                   std::vector<std::byte> buffer(world.bytes.size() + 1);
                   return done(read_into(world.path, buffer));
                 }});
  all.push_back({"read_many", {}, [=](World& world) -> Result<void> {
                   const std::string_view path = world.path;
                   Result<Bytes> read;
                   if (const auto all = read_many({&path, 1}, {&read, 1}); !all) return std::unexpected(all.error());
                   return same(world, read);
                 }});
}

void add_files(std::vector<Operation>& all) {
  const auto stored = [](OpenOptions options) {
    return [=](World& world) {
      world.open(W, options);
      (void)world.mmap.write_at(4096, bytes_of("stored"));
      world.bytes.replace(4096, 6, "stored");
      world.expected = world.bytes;
    };
  };
  all.push_back({"flush", stored(none), [](World& world) { return world.mmap.flush(4097, 5); }});
  all.push_back({"flush_async", stored(grow), [](World& world) { return world.mmap.flush_async(4097, 5); },
                 becomes(Call::sync_file_range, ESPIPE, ErrorKind::unsupported)});
  const auto updated = [](OpenOptions options) {
    return [=](World& world) {
      world.open(W, options);
      world.expected.replace(4090, 10, "0123456789");
      world.may_be_done = true;  // but not known to be on the disk
    };
  };
  const Run updating = [](World& world) { return world.mmap.update(4090, bytes_of("0123456789")); };
  all.push_back({"update", updated(update), updating});
  all.push_back({"update a watched file", updated(update | watch), updating, looking()});
  all.push_back({"is_stale", opened(R, watch), [](World& world) { return done(world.mmap.is_stale()); },
                 becomes(Call::read, EAGAIN, {})});
  const auto reading = [](World& world) {
    std::array<std::byte, 100> buffer;  // NOLINT: filled by read_at
    return world.mmap.read_at(7, buffer);
  };
  all.push_back({"read_at strictly", opened(R, watch | strict), reading, becomes(Call::read, EAGAIN, {})});
  all.push_back({"read_at by position", by_position(), reading, becomes(Call::pread, EIO, ErrorKind::fault)});
  all.push_back({"read by position", by_position(), [](World& world) { return done(world.mmap.read_bytes()); },
                 becomes(Call::pread, EIO, ErrorKind::fault)});
  all.push_back({"probe by position", by_position(), [](World& world) { return world.mmap.probe(); },
                 becomes(Call::pread, EIO, ErrorKind::fault)});
  all.push_back({"read_direct", {}, [](World& world) {
                   alignas(4096) static std::array<std::byte, 8192> buffer;
                   return done(read_direct(world.path, 4096, buffer));
                 },
                 becomes(Call::open, EINVAL, ErrorKind::unsupported)});
}

}  // namespace

Exceptions both(Exceptions a, Exceptions b) {
  return [a = std::move(a), b = std::move(b)](const Point& point, ErrorKind& kind) {
    a(point, kind);
    b(point, kind);
  };
}

Exceptions becomes(Call call, ErrorKind kind) {
  return [=](const Point& point, ErrorKind& is) {
    if (point.call == call) is = kind;
  };
}

Exceptions becomes(Call call, int os, ErrorKind kind) {
  return [=](const Point& point, ErrorKind& is) {
    if (point.call == call && point.os == os) is = kind;
  };
}

World::World(const Scratch& scratch)
    : directory(scratch.path("")),
      bytes(pattern(3 * page() + 5)),
      expected(bytes),
      path(scratch.file("f", bytes)),
      fresh(scratch.path("fresh")),
      name("stdbind-test-fault-" + std::to_string(getpid())) {
  std::error_code ignored;
  std::filesystem::create_directory(scratch.path("d"), ignored);
  static_cast<void>(scratch.file("d/g", "beneath"));
  std::filesystem::create_symlink("f", scratch.path("link"), ignored);
  fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
}

std::vector<std::string> World::end() {
  std::vector<std::string> failures;
  const auto tell = [&](const auto& result, const std::string& what) {
    if (!result) failures.push_back(what + ": " + std::string(result.error().message.view()));
  };
  prefault = Prefault();
  if (prefault_handle > 0) tell(answer(stdbind_prefault_close(prefault_handle)), "the prefault cannot be closed");
  if (!mmap.is_closed()) tell(mmap.close(), "the mapping cannot be closed");
  if (handle > 0) tell(answer(stdbind_mmap_close(handle)), "the handle cannot be closed");
  for (const int descriptor : descriptors) {
    if (fcntl(descriptor, F_GETFD) != FD_CLOEXEC) failures.emplace_back("the descriptor is none, or is inherited");
    ::close(descriptor);
  }
  ::close(fd);
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  std::filesystem::remove("/dev/shm/" + name, ignored);
  if (limit_before >= 0) tell(set_positioned_limit(limit_before), "the limit cannot be set back");
  return failures;
}

Result<void> World::keep(Result<Mmap> opened) {
  if (!opened) return std::unexpected(opened.error());
  mmap = std::move(*opened);
  return {};
}

Result<void> World::keep(Result<int> descriptor) {
  if (!descriptor) return std::unexpected(descriptor.error());
  descriptors.push_back(*descriptor);
  return {};
}

void World::open(Mode mode, OpenOptions options, std::int64_t offset, std::int64_t length) {
  mmap = Mmap::open(path, mode, offset, length, 0, options).value();
  seen = bytes.substr(static_cast<std::size_t>(offset), 10);
}

std::vector<Operation> operations() {
  std::vector<Operation> all;
  add_opening(all);
  add_making(all);
  add_resizing(all);
  add_pages(all);
  add_files(all);
  add_reading(all);
  for (Operation& operation : all) {
    if (!operation.prepare) operation.prepare = [](World&) {};
  }
  return all;
}

}  // namespace stdbind::tests::fault
