// What mappings do, said with plain arrays: the expectation of every operation, and the text of a case that asks for
// it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stdbind::model {

/// Where a byte comes from: its place in the pattern that all data is cut from; -1 is a zero. No two places that are
/// written lie in the same part of the pattern, so a byte that turns up in the wrong place tells where it was written.
using Origin = std::int64_t;
using Origins = std::vector<Origin>;
inline constexpr Origin zero = -1;

/// The bytes behind origins, and how a case file spells them.
std::string bytes_of(const Origins& origins);
std::string spell(const Origins& origins);

enum class Act : std::uint8_t {
  map,
  anonymous,
  close,
  is_closed,
  length,
  read,
  write,
  read_at,
  write_at,
  seek,
  tell,
  view,
  unview,
  probe,
  flush,
  resize,
  truncate,     ///< from here on behind the library's back
  plain_write,  ///< by another process
  look          ///< a plain read of the whole file
};

inline constexpr int object_count = 4;
inline constexpr int file_count = 2;

struct Operation {
  Act act = Act::tell;
  int object = 0;
  int file = 0;
  std::int64_t mode = 1;
  std::int64_t offset = 0;
  std::int64_t size = 0;    ///< bytes, or the new length
  std::int64_t whence = 0;  ///< as in abi.h
  Origin origin = 0;        ///< of the data that is written
  bool grow = false;        ///< map with the option GROW
};

/// What must come of an operation.
struct Expected {
  enum class Status : std::uint8_t {
    ok,
    error,
    skipped  ///< must not be asked: a view of a page that is gone, or bytes whose fate the system leaves open
  };
  Status status = Status::ok;
  std::string kind;  ///< of the error
  std::string field;
  std::int64_t number = 0;  ///< of `field`, if that is not empty
  std::optional<Origins> data;
};

class Model {
 public:
  /// `sizes` of the files at the start, which hold the pattern from `1'000'000 * number` on.
  Model(std::vector<std::int64_t> sizes, std::int64_t page);

  Expected perform(const Operation& operation);

  /// Whether the object was opened at any time, and how long it is now (0: it is not open).
  bool held(int object) const { return objects_.at(static_cast<std::size_t>(object)).held; }
  std::int64_t length(int object) const;
  const Origins& file(int number) const { return files_.at(static_cast<std::size_t>(number)); }
  std::int64_t page() const { return page_; }

 private:
  struct Object {
    bool held = false;
    bool open = false;
    bool anonymous = false;
    int file = 0;
    std::int64_t offset = 0;
    std::int64_t length = 0;
    std::int64_t mode = 0;
    std::int64_t cursor = 0;
    int views = 0;
    bool grow = false;
    Origins memory;                       ///< of anonymous memory
    std::map<std::int64_t, Origins> own;  ///< the pages of the file that a private mapping has copied
    bool writable() const { return (mode & 2) != 0; }
    bool is_private() const { return (mode & 8) != 0; }
  };

  Expected open(Object& object, const Operation& operation);
  Expected read(const Object& object, std::int64_t offset, std::int64_t size) const;
  Expected write(Object& object, std::int64_t offset, const Operation& operation);
  Expected seek(Object& object, const Operation& operation);
  Expected view(Object& object, const Operation& operation);
  Expected resize(Object& object, std::int64_t length);
  Expected on_open(Object& object, const Operation& operation);

  bool page_exists(const Object& object, std::int64_t place) const;
  /// How many of the pages of a range are there: none, some or all.
  enum class Presence : std::uint8_t { none, some, all };
  Presence presence(const Object& object, std::int64_t offset, std::int64_t size) const;
  Origin byte(const Object& object, std::int64_t offset) const;
  void set_size(int file, std::int64_t size);
  Origins& content(const Object& object) { return files_.at(static_cast<std::size_t>(object.file)); }
  const Origins& content(const Object& object) const { return files_.at(static_cast<std::size_t>(object.file)); }

  std::vector<Origins> files_;
  std::vector<Object> objects_;
  std::int64_t page_;
};

/// The sizes that the files of every run have at the start.
std::vector<std::int64_t> first_sizes(std::int64_t page);
std::string file_name(int number);

/// A run as a case that `stdbind conform --suite` can replay: every operation with what the model expects of it.
std::string case_text(const std::vector<Operation>& operations, const std::string& name, std::int64_t page);

/// Operations for a seed: the same on every machine with pages of the same size.
std::vector<Operation> generate(std::uint64_t seed, int count, std::int64_t page);

/// Without what a language does not have yet.
std::vector<Operation> without_resize(std::vector<Operation> operations);

}  // namespace stdbind::model
