// The protocol as a table. An adapter that bends it is a broken harness, never a failed or a passed case.
#include "conform/protocol.hpp"

#include <algorithm>
#include <array>

#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

constexpr std::array operations{
    OperationForm{"hello", "", "", "", "", "language abi page tool"},
    OperationForm{"bye", "", "", "", "", "live"},
    OperationForm{"reset", "", "", "", "", "live"},
    OperationForm{"live", "", "", "", "", "n"},
    OperationForm{"page_size", "", "", "", "", "n"},
    OperationForm{"positioned_limit", "", "", "bytes", "", "n"},
    OperationForm{"map", "m", "m", "path mode", "offset length address options", ""},
    OperationForm{"map_fd", "m", "m", "path access mode", "offset length address options", ""},
    OperationForm{"anon", "m", "m", "length mode", "address options", ""},
    OperationForm{"beneath", "m", "m", "root path mode", "offset length options", ""},
    OperationForm{"create", "m", "m", "path mode length", "options", ""},
    OperationForm{"named_create", "m", "m", "name mode length", "", ""},
    OperationForm{"named_open", "m", "m", "name mode", "offset length", ""},
    OperationForm{"named_unlink", "", "", "name", "", ""},
    OperationForm{"sealed", "m", "m", "length mode", "", ""},
    OperationForm{"handover", "m to", "to", "mode", "offset length", ""},
    OperationForm{"scoped", "", "", "path mode size", "", "n data live"},
    OperationForm{"len", "m", "", "", "", "n"},
    OperationForm{"mode", "m", "", "", "", "n"},
    OperationForm{"is_mapped", "m", "", "", "", "value"},
    OperationForm{"is_stale", "m", "", "", "", "value"},
    OperationForm{"read", "m", "", "size", "", "n data"},
    OperationForm{"write", "m", "", "data", "", "n"},
    OperationForm{"write_text", "m", "", "text", "", "n"},
    OperationForm{"read_at", "m", "", "offset size", "", "n data"},
    OperationForm{"write_at", "m", "", "offset data", "", "n"},
    OperationForm{"update", "m", "", "offset data", "", "n"},
    OperationForm{"read_direct", "", "", "path offset size", "", "n data"},
    OperationForm{"seek", "m", "", "offset whence", "", "pos"},
    OperationForm{"tell", "m", "", "", "", "pos"},
    OperationForm{"view", "m", "", "offset length", "", "n data address"},
    OperationForm{"unview", "m", "", "", "", ""},
    OperationForm{"probe", "m", "", "offset length", "", ""},
    OperationForm{"flush", "m", "", "", "offset length", ""},
    OperationForm{"flush_async", "m", "", "", "offset length", ""},
    OperationForm{"advise", "m", "", "advice offset length", "", ""},
    OperationForm{"lock", "m", "", "", "offset length", ""},
    OperationForm{"unlock", "m", "", "", "offset length", ""},
    OperationForm{"resident", "m", "", "", "offset length", "n"},
    OperationForm{"resize", "m", "", "length", "", ""},
    OperationForm{"protect", "m", "", "mode", "", ""},
    OperationForm{"make_executable", "m", "", "", "", ""},
    OperationForm{"prefault", "p m", "p", "", "offset length deadline", ""},
    OperationForm{"prefault_done", "p", "", "", "", "n"},
    OperationForm{"prefault_total", "p", "", "", "", "n"},
    OperationForm{"prefault_wait", "p", "", "", "timeout", ""},
    OperationForm{"prefault_cancel", "p", "", "", "", ""},
    OperationForm{"prefault_close", "p", "", "", "", ""},
    OperationForm{"exec", "m", "", "offset", "", "value"},
    OperationForm{"is_closed", "m", "", "", "", "value"},
    OperationForm{"close", "m", "", "", "", ""},
};

constexpr std::array<std::string_view, 21> error_kinds{"invalid_argument",
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
                                                       "io"};

// The bytes of an answer must agree with their own count.
std::string check_data(const std::map<std::string, std::string>& fields) {
  const auto count = fields.find("n");
  const auto data = fields.find("data");
  const auto crc = fields.find("crc");
  const auto n = count == fields.end() ? std::nullopt : to_number(count->second);
  if (!n || *n < 0) return "n= must be a count";
  if (*n > 256) {
    if (crc == fields.end()) return "more than 256 bytes are told by crc=";
    if (crc->second.size() != 8 || !from_hex(crc->second)) return "crc= must be 8 hex digits";
    return {};
  }
  if (data == fields.end()) return "data= is missing";
  const auto bytes = from_hex(data->second);
  if (!bytes) return "data=: " + bytes.error();
  if (static_cast<std::int64_t>(bytes->size()) != *n)
    return "n=" + count->second + ", but data= has " + std::to_string(bytes->size()) + " bytes";
  return {};
}

std::string check_fields(const Answer& answer, const OperationForm& operation) {
  const bool bytes = has_word(operation.answers, "data");
  if (bytes) {
    if (auto wrong = check_data(answer.fields); !wrong.empty()) return wrong;
  }
  for (const auto word : split(operation.answers, ' ')) {
    if (word.empty() || word == "data") continue;
    const auto field = answer.fields.find(std::string(word));
    if (field == answer.fields.end()) return std::string(word) + "= is missing";
    if (word == "language" || word == "tool") continue;
    if (!to_number(field->second)) return std::string(word) + "= must be a decimal number";
  }
  return {};
}

}  // namespace

const OperationForm* find_operation(std::string_view name) {
  const auto* found = std::ranges::find(operations, name, &OperationForm::name);
  return found == operations.end() ? nullptr : found;
}

bool has_word(std::string_view words, std::string_view word) {
  const auto list = split(words, ' ');
  return !word.empty() && std::ranges::find(list, word) != list.end();
}

bool is_error_kind(std::string_view name) { return std::ranges::find(error_kinds, name) != error_kinds.end(); }

std::expected<Answer, std::string> parse_answer(std::string_view line, std::int64_t sequence,
                                                const OperationForm& operation) {
  const auto words = split(line, ' ');
  const auto wrong = [&](const std::string& why) { return std::unexpected(why + ": " + shorten(line, 200)); };
  const auto number = to_number(words[0]);
  if (!number || words.size() < 2) return wrong("not an answer of the protocol");
  if (*number != sequence) return wrong("the answer to request " + std::to_string(sequence) + " was expected");
  Answer answer;
  std::size_t first_field = 2;
  if (words[1] == "ok") {
    answer.status = Answer::Status::Ok;
  } else if (words[1] == "unsupported") {
    answer.status = Answer::Status::Unsupported;
  } else if (words[1] == "err" && words.size() > 2) {
    answer.status = Answer::Status::Error;
    answer.kind = words[2];
    if (!is_error_kind(answer.kind)) return wrong("`" + answer.kind + "` is no error kind of abi.h");
    first_field = 3;
  } else {
    return wrong("neither ok, err KIND nor unsupported");
  }
  for (std::size_t i = first_field; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    if (equals == std::string_view::npos || equals == 0) return wrong("a field must be key=value");
    answer.fields.insert_or_assign(std::string(words[i].substr(0, equals)), std::string(words[i].substr(equals + 1)));
  }
  if (answer.status == Answer::Status::Ok) {
    if (const auto why = check_fields(answer, operation); !why.empty()) return wrong(why);
  }
  return answer;
}

}  // namespace stdbind::conform
