// Methods of numbers, bools, Option and Result; which part of the methods a value has.
#include <array>
#include <cmath>
#include <unordered_map>

#include "format.hpp"
#include "methods.hpp"

namespace stdbind::simple {

Method method_named(std::string_view name) {
  static const std::unordered_map<std::string_view, Method> table = {
#define STDBIND_SIMPLE_METHOD(name) {#name, Method::name##_},
      STDBIND_SIMPLE_METHODS(STDBIND_SIMPLE_METHOD)
#undef STDBIND_SIMPLE_METHOD
  };
  const auto found = table.find(name);
  return found == table.end() ? Method::none : found->second;
}

void expect_count(const Arguments& arguments, std::size_t least, std::size_t most) {
  if (arguments.size() >= least && arguments.size() <= most) return;
  std::string wanted = std::to_string(least);
  if (most != least) wanted += " to " + std::to_string(most);
  raise("takes " + wanted + " arguments, not " + std::to_string(arguments.size()));
}

const std::string& text_argument(const Arguments& arguments, std::size_t at) {
  if (!arguments[at].is_text()) {
    raise("argument " + std::to_string(at + 1) + " must be text, not " + type_name(arguments[at]));
  }
  return arguments[at].text();
}

std::int64_t integer_argument(const Arguments& arguments, std::size_t at) {
  const Value& value = arguments[at];
  if (!value.is_integer()) raise("argument " + std::to_string(at + 1) + " must be an integer, not " + type_name(value));
  if (!fits(value.wide(), IntKind::i64)) raise("argument " + std::to_string(at + 1) + " is beyond i64");
  return value.integer();
}

Value convert_to_integer(const Value& value, IntKind kind) {
  if (value.is_integer()) return Value::integer(wrap(value.wide(), kind), kind);
  if (value.is_boolean()) return Value::integer(value.boolean() ? 1 : 0, kind);
  if (value.is_floating()) {
    const double number = std::trunc(value.floating());
    // beyond the range of 64 bits the engines differ
    if (!(number >= -9223372036854775808.0 && number < 18446744073709551616.0)) {
      raise(float_text(value.floating()) + " does not fit " + std::string(name_of(kind)));
    }
    const Wide wide = static_cast<Wide>(number);
    if (!fits(wide, kind)) raise(float_text(value.floating()) + " does not fit " + std::string(name_of(kind)));
    return Value::integer(wrap(wide, kind), kind);
  }
  raise("cannot convert " + type_name(value) + " to " + std::string(name_of(kind)));
}

namespace {

std::optional<Value> conversion(const Value& self, Method method) {
  switch (method) {
    case Method::to_text_:
    case Method::to_string_:
      return Value::text(display(self));
    case Method::to_i64_:
    case Method::to_int_:
      return convert_to_integer(self, IntKind::i64);
    case Method::to_i32_:
      return convert_to_integer(self, IntKind::i32);
    case Method::to_i16_:
      return convert_to_integer(self, IntKind::i16);
    case Method::to_i8_:
      return convert_to_integer(self, IntKind::i8);
    case Method::to_u64_:
      return convert_to_integer(self, IntKind::u64);
    case Method::to_u32_:
      return convert_to_integer(self, IntKind::u32);
    case Method::to_u16_:
      return convert_to_integer(self, IntKind::u16);
    case Method::to_u8_:
      return convert_to_integer(self, IntKind::u8);
    case Method::to_f64_:
    case Method::to_float_:
      if (self.is_boolean()) return std::nullopt;
      return Value::floating(self.is_floating() ? self.floating() : static_cast<double>(self.wide()));
    default:
      return std::nullopt;
  }
}

Value absolute(const Value& self) {
  if (self.is_floating()) return Value::floating(std::fabs(self.floating()));
  const Wide wide = self.wide() < 0 ? -self.wide() : self.wide();
  if (!fits(wide, self.kind())) raise("abs of " + to_decimal(self.wide()) + " does not fit " + type_name(self));
  return Value::integer(wrap(wide, self.kind()), self.kind());
}

}  // namespace

std::optional<Value> number_method(const Value& self, Method method, Arguments& arguments) {
  if (method == Method::min_ || method == Method::max_) {
    expect_count(arguments, 1, 1);
    const bool other = method == Method::min_ ? order(arguments[0], self) < 0 : order(arguments[0], self) > 0;
    return other ? arguments[0] : self;
  }
  if (auto converted = conversion(self, method)) {
    expect_count(arguments, 0, 0);
    return converted;
  }
  if (self.is_boolean()) return std::nullopt;
  const auto none = [&] { expect_count(arguments, 0, 0); };
  if (method == Method::abs_) return none(), absolute(self);
  if (!self.is_floating()) return std::nullopt;
  const double number = self.floating();
  switch (method) {
    case Method::floor_:
      none();
      return Value::floating(std::floor(number));
    case Method::ceil_:
      none();
      return Value::floating(std::ceil(number));
    case Method::round_:
      none();
      return Value::floating(std::round(number));
    case Method::sqrt_:
      none();
      return Value::floating(std::sqrt(number));
    case Method::is_nan_:
      none();
      return Value::boolean(std::isnan(number));
    default:
      return std::nullopt;
  }
}

namespace {

Value unwrapped(const Value& self) {
  if (self.is_nil()) raise("unwrap of nil");
  if (self.tag() != Tag::variant) return self;
  if (is_err(self)) raise("unwrap of Err: " + display(self.variant().payload[0]));
  return self.variant().payload[0];
}

}  // namespace

/// nil, and every value of a type T?, has the methods of Option; variants of Result have both.
std::optional<Value> option_method(const MethodContext& context, const Value& self, Method method,
                                   Arguments& arguments) {
  const bool result = is_ok(self) || is_err(self);
  const bool good = !self.is_nil() && !is_err(self);
  const auto none = [&] { expect_count(arguments, 0, 0); };
  const auto one = [&]() -> Value& {
    expect_count(arguments, 1, 1);
    return arguments[0];
  };
  switch (method) {
    case Method::is_ok_:
    case Method::is_err_:
      if (!result) return std::nullopt;
      none();
      return Value::boolean(is_ok(self) == (method == Method::is_ok_));
    case Method::is_some_:
    case Method::is_none_:
      if (result) return std::nullopt;
      none();
      return Value::boolean(good == (method == Method::is_some_));
    case Method::unwrap_:
      none();
      return unwrapped(self);
    case Method::expect_:
      if (!good) raise(one().is_text() ? arguments[0].text() : "expect needs a text");
      return unwrapped(self);
    case Method::unwrap_or_:
      return good ? unwrapped(self) : one();
    case Method::unwrap_or_else_: {
      Value function = one();
      if (good) return unwrapped(self);
      return context.call(function, is_err(self) ? Arguments{self.variant().payload[0]} : Arguments{});
    }
    case Method::unwrap_err_:
      if (!result) return std::nullopt;
      none();
      if (!is_err(self)) raise("unwrap_err of Ok: " + display(self.variant().payload[0]));
      return self.variant().payload[0];
    case Method::ok_:
    case Method::err_:
      if (!result) return std::nullopt;
      none();
      return is_ok(self) == (method == Method::ok_) ? make_some(self.variant().payload[0]) : Value();
    case Method::map_:
      if (!good) return one(), self;
      return result ? make_ok(context.call(one(), {unwrapped(self)}))
                    : make_some(context.call(one(), {unwrapped(self)}));
    case Method::map_err_:
      if (!result) return std::nullopt;
      return is_err(self) ? make_err(context.call(one(), {self.variant().payload[0]})) : self;
    case Method::and_then_: {
      Value function = one();
      return good ? context.call(function, {unwrapped(self)}) : self;
    }
    default:
      return std::nullopt;
  }
}

std::optional<Value> call_method(const MethodContext& context, const Value& self, Method method, Arguments& arguments) {
  std::optional<Value> result;
  switch (self.tag()) {
    case Tag::text:
      result = text_method(self, method, arguments);
      break;
    case Tag::array:
    case Tag::tuple:
      result = array_method(context, self, method, arguments);
      break;
    case Tag::dict:
      result = dict_method(self, method, arguments);
      break;
    case Tag::integer:
    case Tag::floating:
    case Tag::boolean:
      result = number_method(self, method, arguments);
      break;
    case Tag::variant:
      if (method == Method::to_text_) return Value::text(display(self));
      break;
    case Tag::range:
      if (method == Method::len_) {
        return Value::integer(std::max<std::int64_t>(0, self.range().high - self.range().low));
      }
      if (method == Method::contains_) {
        expect_count(arguments, 1, 1);
        const std::int64_t at = integer_argument(arguments, 0);
        return Value::boolean(at >= self.range().low && at < self.range().high);
      }
      break;
    default:
      break;
  }
  const bool is_optional = self.tag() != Tag::variant || is_some(self) || is_ok(self) || is_err(self);
  if (!result && is_optional) result = option_method(context, self, method, arguments);
  return result;
}

BuiltinEnums::BuiltinEnums() {
  const auto add = [](EnumType& type, std::string_view name, std::string_view field) {
    VariantCode variant;
    variant.name = intern(name);
    variant.fields.emplace_back();
    variant.fields.back().name = intern(field);
    type.variant_index.emplace(variant.name, static_cast<std::uint32_t>(type.variants.size()));
    type.variants.push_back(std::move(variant));
  };
  result.name = intern("Result");
  add(result, "Ok", "value");
  add(result, "Err", "error");
  option.name = intern("Option");
  add(option, "Some", "value");
}

const BuiltinEnums& builtin_enums() {
  static const BuiltinEnums enums;
  return enums;
}

namespace {
Value make_variant(const EnumType& type, std::uint32_t index, Value value) {
  std::vector<Value> payload;
  payload.push_back(std::move(value));
  return Value::own(new VariantObject(&type, index, std::move(payload)));
}
bool is_variant(const Value& value, const EnumType& type, std::uint32_t index) {
  return value.tag() == Tag::variant && value.variant().type == &type && value.variant().index == index;
}
}  // namespace

Value make_ok(Value value) { return make_variant(builtin_enums().result, BuiltinEnums::ok, std::move(value)); }
Value make_err(Value value) { return make_variant(builtin_enums().result, BuiltinEnums::err, std::move(value)); }
Value make_some(Value value) { return make_variant(builtin_enums().option, BuiltinEnums::some, std::move(value)); }
bool is_some(const Value& value) { return is_variant(value, builtin_enums().option, BuiltinEnums::some); }
bool is_ok(const Value& value) { return is_variant(value, builtin_enums().result, BuiltinEnums::ok); }
bool is_err(const Value& value) { return is_variant(value, builtin_enums().result, BuiltinEnums::err); }

}  // namespace stdbind::simple
