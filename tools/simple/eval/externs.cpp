// Libraries, raw memory, files, standard streams and the environment, with the limits of the real functions.
#include "externs.hpp"

#include <dlfcn.h>
#include <ffi.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <unordered_map>

#include "builtins.hpp"
#include "format.hpp"

namespace stdbind::simple {

namespace {

constexpr std::size_t max_arguments = 8;

void take(const Arguments& arguments, std::size_t count) { expect_count(arguments, count, count); }

void* address(const Arguments& arguments, std::size_t at) {
  // a pointer crosses as an integer, by the rules of the language
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(integer_argument(arguments, at)));
}

char* address_at(const Arguments& arguments) {
  const std::int64_t base = integer_argument(arguments, 0);
  if (base == 0) raise("address 0");
  return reinterpret_cast<char*>(static_cast<std::uintptr_t>(base) +
                                 static_cast<std::uintptr_t>(integer_argument(arguments, 1)));
}

Value from_pointer(const void* pointer) {
  return Value::integer(static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(pointer)));
}

const std::string& c_text(const Arguments& arguments, std::size_t at) {
  const std::string& text = text_argument(arguments, at);
  if (text.find('\0') != std::string::npos) raise("the text has a NUL inside");
  return text;
}

// ---- libraries -----------------------------------------------------------------------------------------------------

Value spl_dlopen(Machine&, Arguments& arguments) {
  take(arguments, 1);
  void* handle = dlopen(c_text(arguments, 0).c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = dlerror();
    raise("spl_dlopen failed for '" + arguments[0].text() + "': " + (why != nullptr ? why : "unknown"));
  }
  return from_pointer(handle);
}

Value spl_dlsym(Machine&, Arguments& arguments) {
  take(arguments, 2);
  void* handle = address(arguments, 0);
  if (handle == nullptr) raise("spl_dlsym: the library handle is 0");
  void* symbol = dlsym(handle, c_text(arguments, 1).c_str());
  if (symbol == nullptr) raise("spl_dlsym: unresolved symbol '" + arguments[1].text() + "'");
  return from_pointer(symbol);
}

Value spl_dlclose(Machine&, Arguments& arguments) {
  take(arguments, 1);
  void* handle = address(arguments, 0);
  if (handle == nullptr) raise("spl_dlclose: the library handle is 0");
  return Value::integer(dlclose(handle));
}

struct ForeignCall {
  void* function;
  std::size_t count;
  const std::vector<Value>* values;
};

ForeignCall foreign_call(const char* name, const Arguments& arguments) {
  take(arguments, 3);
  const std::string lead = std::string(name) + ": ";
  void* function = address(arguments, 0);
  if (function == nullptr) raise(lead + "the function pointer is 0");
  if (!arguments[1].is_array()) raise(lead + "the arguments must be an array");
  const std::int64_t count = integer_argument(arguments, 2);
  if (count < 0) raise(lead + "nargs is negative");
  if (static_cast<std::uint64_t>(count) > max_arguments) raise(lead + "more than 8 arguments");
  if (static_cast<std::size_t>(count) > arguments[1].items().size())
    raise(lead + "nargs exceeds the array of arguments");
  return {function, static_cast<std::size_t>(count), &arguments[1].items()};
}

/// Calls a function whose arguments and result are all of one type.
template <typename T>
T call_foreign(const ForeignCall& call, std::array<T, max_arguments>& values, ffi_type* type) {
  std::array<ffi_type*, max_arguments> types{};
  std::array<void*, max_arguments> pointers{};
  for (std::size_t i = 0; i < call.count; ++i) {
    types[i] = type;
    pointers[i] = &values[i];
  }
  ffi_cif cif;
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, static_cast<unsigned>(call.count), type, types.data()) != FFI_OK) {
    raise("the call cannot be prepared");
  }
  T result{};
  flush_output();
  ffi_call(&cif, reinterpret_cast<void (*)()>(call.function), &result, pointers.data());
  return result;
}

/// Integers only. The real interpreter refuses bools and the unsigned types; compiled code refuses 2^60 and more.
Value spl_wffi_call_i64(Machine&, Arguments& arguments) {
  const ForeignCall call = foreign_call("spl_wffi_call_i64", arguments);
  std::array<std::int64_t, max_arguments> values{};
  constexpr Wide limit = Wide{1} << 60;
  for (std::size_t i = 0; i < call.count; ++i) {
    const Value& value = (*call.values)[i];
    const std::string which = "spl_wffi_call_i64: argument " + std::to_string(i + 1);
    if (!value.is_integer()) {
      raise(which + " must be an integer, not " + type_name(value) + (value.is_boolean() ? ": pass 1 or 0" : ""));
    }
    if (is_unsigned(value.kind()) && !is_soft(value.kind())) {
      raise(which + " is " + type_name(value) + ", which the interpreter refuses: convert with .to_i64()");
    }
    if (value.wide() >= limit || value.wide() <= -limit) {
      raise(which + " is " + to_decimal(value.wide()) +
            ": 2^60 and more do not cross in compiled Simple; pass it through memory");
    }
    values[i] = value.integer();
  }
  return Value::integer(call_foreign(call, values, &ffi_type_sint64));
}

Value spl_wffi_call_f64(Machine&, Arguments& arguments) {
  const ForeignCall call = foreign_call("spl_wffi_call_f64", arguments);
  std::array<double, max_arguments> values{};
  for (std::size_t i = 0; i < call.count; ++i) {
    const Value& value = (*call.values)[i];
    if (!value.is_floating()) {
      raise("spl_wffi_call_f64: argument " + std::to_string(i + 1) + " must be f64, not " + type_name(value));
    }
    values[i] = value.floating();
  }
  return Value::floating(call_foreign(call, values, &ffi_type_double));
}

// ---- memory --------------------------------------------------------------------------------------------------------

/// A copy with a NUL behind it that is never freed, as in the real interpreter; 0 for a text with a NUL inside.
Value spl_str_ptr(Machine&, Arguments& arguments) {
  take(arguments, 1);
  static auto& kept = *new std::vector<std::unique_ptr<char[]>>;
  const std::string& text = text_argument(arguments, 0);
  if (text.find('\0') != std::string::npos) return Value::integer(0);
  kept.push_back(std::make_unique<char[]>(text.size() + 1));
  std::memcpy(kept.back().get(), text.c_str(), text.size() + 1);
  return from_pointer(kept.back().get());
}

Value text_of(std::string bytes, const char* name) {
  if (!valid_utf8(bytes)) raise(std::string(name) + ": the bytes are not UTF-8");
  return Value::text(std::move(bytes));
}

Value rt_cstring_to_text(Machine&, Arguments& arguments) {
  take(arguments, 1);
  const void* pointer = address(arguments, 0);
  return pointer == nullptr ? Value::text("") : text_of(static_cast<const char*>(pointer), "rt_cstring_to_text");
}

Value spl_f64_to_bits(Machine&, Arguments& arguments) {
  take(arguments, 1);
  if (!arguments[0].is_floating()) raise("spl_f64_to_bits takes f64, not " + type_name(arguments[0]));
  std::int64_t bits = 0;
  const double number = arguments[0].floating();
  std::memcpy(&bits, &number, sizeof bits);
  return Value::integer(bits);
}

Value spl_bits_to_f64(Machine&, Arguments& arguments) {
  take(arguments, 1);
  const std::int64_t bits = integer_argument(arguments, 0);
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return Value::floating(number);
}

std::unordered_map<void*, std::size_t>& allocations() {
  static auto& sizes = *new std::unordered_map<void*, std::size_t>;  // outlives what the program did not free
  return sizes;
}

/// Zeroed memory; 0 for no bytes and when there is no memory.
Value rt_alloc(Machine&, Arguments& arguments) {
  take(arguments, 1);
  const std::int64_t size = integer_argument(arguments, 0);
  if (size < 0) raise("rt_alloc of " + std::to_string(size) + " bytes");
  if (size == 0) return Value::integer(0);
  void* pointer = static_cast<std::size_t>(size) > max_text ? nullptr : std::calloc(1, static_cast<std::size_t>(size));
  if (pointer != nullptr) allocations()[pointer] = static_cast<std::size_t>(size);
  return from_pointer(pointer);
}

/// Only what rt_alloc gave is freed. A second time, or another address, is an error here; the engines differ.
Value rt_free(Machine&, Arguments& arguments) {
  take(arguments, 1);
  void* pointer = address(arguments, 0);
  if (pointer == nullptr) return {};
  if (allocations().erase(pointer) == 0)
    raise("rt_free of an address that rt_alloc did not give, or that is free already");
  std::free(pointer);
  return {};
}

template <typename T>
Value read_memory(Machine&, Arguments& arguments) {
  take(arguments, 2);
  T number{};
  std::memcpy(&number, address_at(arguments), sizeof number);
  return Value::integer(static_cast<std::int64_t>(number), sizeof number == 1 ? IntKind::soft_u8 : IntKind::i64);
}

template <typename T>
Value write_memory(Machine&, Arguments& arguments) {
  take(arguments, 3);
  const Value& value = arguments[2];
  if (!value.is_integer()) raise("argument 3 must be an integer, not " + type_name(value));
  const auto number = static_cast<T>(value.integer());
  if (static_cast<Wide>(number) != value.wide() && sizeof number < 8) {
    raise(to_decimal(value.wide()) + " does not fit " + std::to_string(sizeof number) + " bytes");
  }
  std::memcpy(address_at(arguments), &number, sizeof number);
  return {};
}

Value rt_memcpy(Machine&, Arguments& arguments) {
  take(arguments, 3);
  const std::int64_t count = integer_argument(arguments, 2);
  if (count < 0) raise("rt_memcpy of " + std::to_string(count) + " bytes");
  if (count > 0) std::memmove(address(arguments, 0), address(arguments, 1), static_cast<std::size_t>(count));
  return arguments[0];
}

Value bytes_of(std::string_view bytes) {
  check_elements(bytes.size());
  std::vector<Value> items;
  items.reserve(bytes.size());
  for (const char c : bytes) items.push_back(Value::integer(static_cast<unsigned char>(c), IntKind::soft_u8));
  return Value::array(std::move(items));
}

Value rt_bytes_from_raw(Machine&, Arguments& arguments) {
  take(arguments, 2);
  const void* pointer = address(arguments, 0);
  const std::int64_t length = integer_argument(arguments, 1);
  if (pointer == nullptr || length <= 0) return Value::array({});
  check_elements(static_cast<std::size_t>(length));
  return bytes_of({static_cast<const char*>(pointer), static_cast<std::size_t>(length)});
}

std::string byte_argument(const Arguments& arguments, std::size_t at) {
  if (!arguments[at].is_array()) {
    raise("argument " + std::to_string(at + 1) + " must be an array of bytes, not " + type_name(arguments[at]));
  }
  std::string bytes;
  for (const Value& item : arguments[at].items()) {
    if (!item.is_integer() || item.wide() < 0 || item.wide() > 255) raise("an element of the array is not a byte");
    bytes += static_cast<char>(static_cast<unsigned char>(item.integer()));
  }
  return bytes;
}

Value rt_bytes_to_text(Machine&, Arguments& arguments) {
  take(arguments, 1);
  return text_of(byte_argument(arguments, 0), "rt_bytes_to_text");
}

Value rt_text_to_bytes(Machine&, Arguments& arguments) {
  take(arguments, 1);
  return bytes_of(text_argument(arguments, 0));
}

Value rt_byte_array_new_len(Machine&, Arguments& arguments) {
  take(arguments, 1);
  const std::int64_t length = integer_argument(arguments, 0);
  if (length < 0) raise("rt_byte_array_new_len of " + std::to_string(length));
  check_elements(static_cast<std::size_t>(length));
  return Value::array(std::vector<Value>(static_cast<std::size_t>(length), Value::integer(0, IntKind::soft_u8)));
}

// ---- files ---------------------------------------------------------------------------------------------------------

Value rt_file_exists(Machine&, Arguments& arguments) {
  take(arguments, 1);
  std::error_code error;
  return Value::boolean(std::filesystem::exists(text_argument(arguments, 0), error));
}

/// -1 when there is no such file.
Value rt_file_size(Machine&, Arguments& arguments) {
  take(arguments, 1);
  std::error_code error;
  const auto size = std::filesystem::file_size(text_argument(arguments, 0), error);
  return Value::integer(error ? -1 : static_cast<std::int64_t>(size));
}

std::optional<std::string> file_content(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return std::nullopt;
  return content;
}

Value write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  return Value::boolean(!file.fail());
}

/// nil when the file cannot be read or is not UTF-8. Carriage returns are left out, as the real function does.
Value rt_file_read_text(Machine&, Arguments& arguments) {
  take(arguments, 1);
  auto text = file_content(text_argument(arguments, 0));
  if (!text || !valid_utf8(*text)) return {};
  std::erase(*text, '\r');
  return Value::text(std::move(*text));
}

/// nil when the file cannot be read.
Value rt_file_read_bytes(Machine&, Arguments& arguments) {
  take(arguments, 1);
  const auto content = file_content(text_argument(arguments, 0));
  return content ? bytes_of(*content) : Value();
}

Value rt_file_write_text(Machine&, Arguments& arguments) {
  take(arguments, 2);
  return write_file(text_argument(arguments, 0), text_argument(arguments, 1));
}

Value rt_file_write_bytes(Machine&, Arguments& arguments) {
  take(arguments, 2);
  return write_file(text_argument(arguments, 0), byte_argument(arguments, 1));
}

Value rt_file_delete(Machine&, Arguments& arguments) {
  take(arguments, 1);
  return Value::boolean(std::remove(text_argument(arguments, 0).c_str()) == 0);
}

// ---- streams and environment
// ------------------------------------------------------------------------------------------

Value read_line_extern(Machine&, Arguments& arguments) {
  expect_count(arguments, 0, 1);
  if (!arguments.empty()) write_output(display(arguments[0]));
  flush_output();
  return read_line();
}

Value read_char_extern(Machine&, Arguments& arguments) {
  take(arguments, 0);
  flush_output();
  return read_char();
}

Value stdout_write(Machine&, Arguments& arguments) {
  take(arguments, 1);
  write_output(display(arguments[0]));
  return {};
}

Value stdout_flush(Machine&, Arguments& arguments) {
  take(arguments, 0);
  flush_output();
  return {};
}

Value rt_env_get(Machine&, Arguments& arguments) {
  take(arguments, 1);
  const char* value = std::getenv(c_text(arguments, 0).c_str());
  if (value == nullptr) return {};
  return text_of(value, "rt_env_get");
}

Value sys_get_args(Machine& machine, Arguments& arguments) {
  take(arguments, 0);
  std::vector<Value> items;
  for (const std::string& argument : machine.program_arguments) items.push_back(text_of(argument, "sys_get_args"));
  return Value::array(std::move(items));
}

Value sys_exit(Machine&, Arguments& arguments) {
  take(arguments, 1);
  const std::int64_t code = integer_argument(arguments, 0);
  throw ExitRequest{static_cast<int>(code & 0xFF)};
}

}  // namespace

FunctionCode::ExternFunction find_extern(std::string_view name) {
  static const std::unordered_map<std::string_view, FunctionCode::ExternFunction> table = {
      {"spl_dlopen", &spl_dlopen},
      {"spl_dlsym", &spl_dlsym},
      {"spl_dlclose", &spl_dlclose},
      {"spl_wffi_call_i64", &spl_wffi_call_i64},
      {"spl_wffi_call_f64", &spl_wffi_call_f64},
      {"spl_str_ptr", &spl_str_ptr},
      {"spl_f64_to_bits", &spl_f64_to_bits},
      {"spl_bits_to_f64", &spl_bits_to_f64},
      {"rt_cstring_to_text", &rt_cstring_to_text},
      {"rt_alloc", &rt_alloc},
      {"rt_free", &rt_free},
      {"rt_memcpy", &rt_memcpy},
      {"rt_ptr_read_i64", &read_memory<std::int64_t>},
      {"rt_ptr_read_i32", &read_memory<std::int32_t>},
      {"rt_ptr_read_u8", &read_memory<std::uint8_t>},
      {"rt_ptr_write_i64", &write_memory<std::int64_t>},
      {"rt_ptr_write_i32", &write_memory<std::int32_t>},
      {"rt_ptr_write_u8", &write_memory<std::uint8_t>},
      {"rt_bytes_from_raw", &rt_bytes_from_raw},
      {"rt_bytes_to_text", &rt_bytes_to_text},
      {"rt_text_to_bytes", &rt_text_to_bytes},
      {"rt_byte_array_new_len", &rt_byte_array_new_len},
      {"rt_file_exists", &rt_file_exists},
      {"rt_file_size", &rt_file_size},
      {"rt_file_read_text", &rt_file_read_text},
      {"rt_file_write_text", &rt_file_write_text},
      {"rt_file_read_bytes", &rt_file_read_bytes},
      {"rt_file_write_bytes", &rt_file_write_bytes},
      {"rt_file_delete", &rt_file_delete},
      {"input", &read_line_extern},
      {"rt_stdin_read_line", &read_line_extern},
      {"stdin_read_char", &read_char_extern},
      {"stdout_write", &stdout_write},
      {"stdout_flush", &stdout_flush},
      {"rt_stdout_flush", &stdout_flush},
      {"rt_env_get", &rt_env_get},
      {"sys_get_args", &sys_get_args},
      {"sys_exit", &sys_exit},
  };
  const auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace stdbind::simple
