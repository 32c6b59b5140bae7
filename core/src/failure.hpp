// How the core makes its errors: a kind, and a message put together from text, numbers, paths and modes.
#ifndef STDBIND_FAILURE_HPP
#define STDBIND_FAILURE_HPP

#include <concepts>
#include <initializer_list>
#include <stdbind/error.hpp>
#include <stdbind/mmap.hpp>

namespace stdbind {

/// A path in a message: quoted, its end if it is long, without control characters.
struct Quoted {
  std::string_view path;
};

/// One part of a message.
class Piece {
 public:
  Piece(const char* text) noexcept : type_(Type::text), text_(text) {}
  Piece(std::string_view text) noexcept : type_(Type::text), text_(text) {}
  Piece(Quoted path) noexcept : type_(Type::path), text_(path.path) {}
  Piece(Mode mode) noexcept : type_(Type::mode), number_(std::to_underlying(mode)) {}
  Piece(std::integral auto number) noexcept : type_(Type::number), number_(static_cast<std::int64_t>(number)) {}

  void append_to(Message& message) const noexcept;

 private:
  enum class Type { text, path, mode, number };
  Type type_;
  std::string_view text_;
  std::int64_t number_ = 0;
};

using Pieces = std::initializer_list<Piece>;

/// An error that the system has no part in.
[[gnu::cold]] Error failure(ErrorKind kind, Pieces pieces) noexcept;

/// An error that the system reported: the kind follows from its number, and its own text and a hint are added.
[[gnu::cold]] Error system_failure(std::int32_t os, Pieces pieces) noexcept;

}  // namespace stdbind

#endif
