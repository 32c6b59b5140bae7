// Names of the error kinds, and the making of messages. Nothing here allocates.
#include <algorithm>
#include <charconv>

#include "failure.hpp"
#include "platform/platform.hpp"

namespace stdbind {

namespace {

constexpr std::string_view names[] = {
    "",
    "invalid_argument",
    "not_found",
    "permission_denied",
    "already_exists",
    "wrong_file_type",
    "out_of_bounds",
    "closed",
    "not_writable",
    "unsupported",
    "no_space",
    "no_memory",
    "too_many_open",
    "limit",
    "busy",
    "fault",
    "stale",
    "not_utf8",
    "timeout",
    "cancelled",
    "loader_died",
    "io",
};

bool continues_character(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::string_view hint(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::not_found:
      return "check the path";
    case ErrorKind::permission_denied:
      return "check the permissions of the file and the mode";
    case ErrorKind::wrong_file_type:
      return "only regular files can be mapped";
    case ErrorKind::no_memory:
      return "map less, or raise the limit on address space";
    case ErrorKind::too_many_open:
      return "close files, or raise the limit on descriptors";
    case ErrorKind::no_space:
      return "free space on the disk";
    case ErrorKind::busy:
      return "the file is in use by another process";
    default:
      return "";
  }
}

void append_path(Message& message, std::string_view path) noexcept {
  constexpr std::size_t most = 96;
  message.append("'");
  if (path.size() > most) {
    path.remove_prefix(path.size() - most);
    while (!path.empty() && continues_character(path.front())) path.remove_prefix(1);
    message.append("...");
  }
  for (const char& byte : path) {
    const bool control = static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
    message.append(control ? std::string_view("?") : std::string_view(&byte, 1));
  }
  message.append("'");
}

void append_mode(Message& message, std::int64_t mode) noexcept {
  constexpr std::string_view flags[] = {"READ", "WRITE", "EXEC", "COW", "ALLOW_WX"};
  bool first = true;
  for (std::size_t bit = 0; bit < std::size(flags); ++bit) {
    if ((mode >> bit & 1) == 0) continue;
    if (!first) message.append("|");
    message.append(flags[bit]);
    first = false;
  }
  if (first) message.append("0");
}

}  // namespace

std::string_view name_of(ErrorKind kind) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  return index < std::size(names) ? names[index] : std::string_view();
}

void Message::append(std::string_view text) noexcept {
  const std::size_t count = std::min(text.size(), capacity - size_);
  std::copy(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), text_.begin() + size_);
  size_ = static_cast<std::uint16_t>(size_ + count);
  if (count == text.size() || !continues_character(text[count])) return;
  while (size_ > 0 && continues_character(text_[size_ - 1U])) --size_;
  if (size_ > 0) --size_;  // the first byte of the character that was cut
}

void Message::append(std::int64_t number) noexcept {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  append(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

void Piece::append_to(Message& message) const noexcept {
  switch (type_) {
    case Type::text:
      message.append(text_);
      break;
    case Type::path:
      append_path(message, text_);
      break;
    case Type::mode:
      append_mode(message, number_);
      break;
    case Type::number:
      message.append(number_);
      break;
  }
}

Error failure(ErrorKind kind, Pieces pieces) noexcept {
  Error error{.kind = kind, .os = 0, .message = {}};
  for (const Piece& piece : pieces) piece.append_to(error.message);
  return error;
}

Error system_failure(std::int32_t os, Pieces pieces) noexcept {
  Error error = failure(platform::kind_of(os), pieces);
  error.os = os;
  std::array<char, 96> storage{};
  error.message.append(": ");
  error.message.append(platform::text_of(os, storage));
  error.message.append(" (system error ");
  error.message.append(std::int64_t{os});
  error.message.append(")");
  if (const std::string_view advice = hint(error.kind); !advice.empty()) {
    error.message.append("; ");
    error.message.append(advice);
  }
  return error;
}

}  // namespace stdbind
