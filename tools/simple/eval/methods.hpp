// The methods that values have by themselves: text, array, dict, number, Option and Result.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "machine.hpp"

namespace stdbind::simple {

// clang-format off
#define STDBIND_SIMPLE_METHODS(M) \
  M(len) M(length) M(size) M(count) M(char_count) M(is_empty) M(chars) M(bytes) M(contains) M(has) \
  M(starts_with) M(ends_with) M(find) M(index_of) M(rfind) M(last_index_of) M(upper) M(lower) M(to_upper) \
  M(to_lower) M(trim) M(trim_start) M(trim_end) M(split) M(lines) M(replace) M(slice) M(substring) M(repeat) \
  M(parse_int) M(parse_float) M(char_at) M(at) M(pad_left) M(pad_right) M(ord) M(join) M(push) M(append) M(pop) \
  M(map) M(filter) M(each) M(reversed) M(reverse) M(sort) M(sorted) M(get) M(clear) M(first) M(last) M(insert) \
  M(remove) M(extend) M(concat) M(enumerate) M(sum) M(min) M(max) M(any) M(all) M(reduce) M(fold) M(take) \
  M(drop) M(contains_key) M(keys) M(values) M(items) M(set) M(merge) M(to_text) M(to_string) M(to_i64) \
  M(to_int) M(to_i32) M(to_i16) M(to_i8) M(to_u64) M(to_u32) M(to_u16) M(to_u8) M(to_f64) M(to_float) M(abs) \
  M(floor) M(ceil) M(round) M(sqrt) M(is_some) M(is_none) M(is_ok) M(is_err) M(unwrap) M(unwrap_err) \
  M(unwrap_or) M(expect) M(map_err) M(ok) M(err) M(and_then) M(unwrap_or_else) M(is_nan)
// clang-format on

enum class Method : std::uint8_t {
  none,
#define STDBIND_SIMPLE_METHOD(name) name##_,
  STDBIND_SIMPLE_METHODS(STDBIND_SIMPLE_METHOD)
#undef STDBIND_SIMPLE_METHOD
};

Method method_named(std::string_view name);

/// Whether the method changes an array or dict in place, so that its receiver must be a place.
bool is_changing(Method method);

struct MethodContext {
  Frame& frame;
  Location location;
  Value call(const Value& function, std::vector<Value> arguments) const {
    return frame.machine->call(function, std::move(arguments), frame, location);
  }
};

using Arguments = std::vector<Value>;

/// Calls a method that does not change its receiver. nullopt: this sort of value has no such method. *errors*: raises.
std::optional<Value> call_method(const MethodContext& context, const Value& self, Method method, Arguments& arguments);
/// Calls a method that changes an array or dict in place.
std::optional<Value> call_changing_method(Value& self, Method method, Arguments& arguments);

std::optional<Value> text_method(const Value& self, Method method, Arguments& arguments);
std::optional<Value> array_method(const MethodContext& context, const Value& self, Method method, Arguments& arguments);
std::optional<Value> dict_method(const Value& self, Method method, Arguments& arguments);
std::optional<Value> number_method(const Value& self, Method method, Arguments& arguments);
std::optional<Value> option_method(const MethodContext& context, const Value& self, Method method,
                                   Arguments& arguments);

// For the parts: arguments by place, with a message that names what was expected.
void expect_count(const Arguments& arguments, std::size_t least, std::size_t most);
const std::string& text_argument(const Arguments& arguments, std::size_t at);
std::int64_t integer_argument(const Arguments& arguments, std::size_t at);

/// x as KIND: from integers, floats, bools. *errors*: raises for others.
Value convert_to_integer(const Value& value, IntKind kind);

/// Index into `size` elements; negative counts from the end. *errors*: raises when it is outside.
std::size_t checked_index(std::int64_t index, std::size_t size);
/// x[a:b:c] on text (characters), arrays and tuples. Bounds are cut to the size, as everywhere in the language.
Value slice_value(const Value& value, std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
                  std::int64_t step);
/// The n-th character as text. *errors*: raises when there is none.
Value character_at(const Value& text, std::int64_t index);

}  // namespace stdbind::simple
