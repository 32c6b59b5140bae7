// What a case file says, after parsing: the steps of each case, with every number and byte worked out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace stdbind::conform {

/// One field of a request. A path is kept as bytes, because the directory of the case is only known when it runs; a
/// name of shared memory too, because it becomes one that nobody else uses.
struct Argument {
  enum class Kind : std::uint8_t { Plain, Path, SharedName, FreeAddress, TakenAddress };
  std::string key;
  std::string value;  ///< as it goes over the line, or the bytes of a path or name
  Kind kind = Kind::Plain;
};

/// One field that the answer must have.
struct Expectation {
  std::string key;
  std::string value;                 ///< numbers in decimal
  std::optional<std::string> bytes;  ///< for `data`
  bool free_address = false;         ///< the address that `address=free` stood for
};

/// An object that a request names: the field, such as m, and the number that goes over the line.
struct Object {
  std::string key;
  int number = 0;
};

/// `do`, `fail` and `until`: asks the adapter. With error kinds the answer must be one of these errors.
struct Request {
  bool peer = false;
  std::string operation;
  std::vector<Object> objects;
  std::vector<Argument> arguments;
  std::vector<Expectation> expected;
  std::vector<std::string> error_kinds;
  std::int64_t within = 0;  ///< milliseconds for which it is asked again until the answer is right; 0: asked once
};

/// Makes or changes something in the directory of the case, behind the adapter's back.
struct DiskAction {
  enum class What : std::uint8_t {
    File,
    Sparse,
    Directory,
    Symlink,
    Fifo,
    Socket,
    Truncate,
    Unlink,
    Append,
    Write,
    Chmod,
    Rename,
    Replace,
    Tmpfs,
    FillDisk
  };
  What what{};
  std::string name;
  std::string target;       ///< of a link, or the new name
  std::int64_t number = 0;  ///< size, offset, permission bits, or the room that filling leaves
  std::string bytes;
  std::vector<std::pair<std::int64_t, std::string>> parts;  ///< of a sparse file: offset and bytes
};

/// `disk`: what a plain read must find.
struct DiskCheck {
  std::string name;
  bool gone = false;
  std::optional<std::int64_t> size;
  std::optional<std::int64_t> allocated;  ///< the room that it has on the disk, at least
  std::int64_t offset = -1;               ///< -1: `bytes` are the whole file
  std::optional<std::string> bytes;
};

/// `listing`: the names that the directory of the case must hold now.
struct Listing {
  std::vector<std::string> names;
};

/// `mapped`, `unmapped`, `clean`, `dirty`, `sealed`: what the system says of the mapping in the adapter's process.
struct MappingCheck {
  enum class What : std::uint8_t { Mapped, Unmapped, Clean, Dirty, Sealed };
  What what{};
  bool peer = false;
  int object = -1;
  std::string file;        ///< looked for instead of the path the object was opened with
  std::string protection;  ///< such as r--s
  std::optional<std::int64_t> offset;
  std::optional<std::int64_t> length;
  std::string advice;                       ///< normal, sequential or random
  std::string resident;                     ///< none or all
  std::string locked;                       ///< yes or no
  std::string huge;                         ///< no, asked (huge pages may be used) or pool (they are)
  std::optional<std::int64_t> aligned;      ///< the address is a multiple of it
  std::optional<std::int64_t> descriptors;  ///< how many open descriptors lead to the file
  bool free_address = false;
  bool taken_address = false;
  std::int64_t within = 0;  ///< milliseconds for which it is looked again until it is so; 0: once
};

/// `limit`: how much more the adapter may use until the case ends, or how long its files may become.
struct Limit {
  enum class What : std::uint8_t { Descriptors, AddressSpace, LockedMemory, FileSize };
  What what{};
  std::int64_t bound = 0;
};

/// `unprivileged`: a fresh adapter that file permissions and limits apply to, even when root runs the suite.
struct Unprivileged {};

/// `kill`: ends the adapter or its peer with SIGKILL.
struct Kill {
  bool peer = false;
};

struct Step {
  int line = 0;
  std::string text;  ///< as written in the case file
  std::variant<Request, DiskAction, DiskCheck, Listing, MappingCheck, Limit, Unprivileged, Kill> action;
};

struct Case {
  std::string name;  ///< area/…/what
  std::string area;
  std::string file;
  int line = 0;
  std::vector<Step> steps;
  bool fresh = false;   ///< needs a process of its own (unprivileged)
  bool paired = false;  ///< a peer is asked too: it is run for all pairs of languages
};

}  // namespace stdbind::conform
