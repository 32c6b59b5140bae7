// How a mapping comes about: a request is checked, its file is opened or found, and the range of it is mapped.
#ifndef STDBIND_OPENING_HPP
#define STDBIND_OPENING_HPP

#include <array>
#include <string_view>
#include <utility>

#include "mapping.hpp"

namespace stdbind::detail {

/// What is asked for, whatever lies behind it.
struct Request {
  std::string_view function;
  std::string_view path;  ///< for messages; empty if there is none
  Mode mode = Mode::none;
  std::int64_t offset = 0;
  std::int64_t length = 0;
  std::int64_t address = 0;
  OpenOptions options = OpenOptions::none;
  bool keeps_file = false;  ///< keeps a descriptor whatever the options are
};

/// Checks everything that needs no system call. *errors*: invalid_argument.
Result<void> check(const Request& request, OpenOptions allowed) noexcept;
/// As check, with what holds for files only.
Result<void> check_file(const Request& request) noexcept;

/// Whether changes reach the file, so that it has to be open for writing.
bool must_write(const Request& request) noexcept;

/// A path that ends with a NUL.
using PathText = std::array<char, 4096>;
/// *errors*: invalid_argument (a NUL inside, or too long).
Result<void> copy_path(std::string_view function, std::string_view path, PathText& text) noexcept;

/// An open file: one of our own, which is closed in the end, or the caller's.
class Source {
 public:
  enum class Owner { us, caller };
  Source(platform::File file, Owner owner) noexcept : file_(file), owner_(owner) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() {
    if (owner_ == Owner::us) platform::close_file(file_);
  }
  [[nodiscard]] platform::File file() const noexcept { return file_; }
  /// What was found when it was looked at: what a watch compares with.
  platform::FileInfo info{};
  /// A file that lives on: this one, or a duplicate of the caller's.
  platform::System<platform::File> keep() noexcept {
    if (owner_ == Owner::caller) return platform::duplicate(file_);
    owner_ = Owner::caller;
    return file_;
  }

 private:
  platform::File file_;
  Owner owner_;
};

/// Maps what an open file holds, after looking at it.
Result<Mapping*> map_file(const Request& request, Source& source) noexcept;
/// Maps size bytes of an open file, or of memory if there is none.
Result<Mapping*> make_mapping(const Request& request, Source* source, std::int64_t offset, std::uint64_t size) noexcept;

}  // namespace stdbind::detail

#endif
