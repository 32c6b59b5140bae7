// Counting, copying on change, comparing. Long chains of objects are freed without recursion.
#include "value.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "code.hpp"

namespace stdbind::simple {

namespace {

constexpr std::array<std::string_view, 8> kind_names = {"i64", "i8", "i16", "i32", "u8", "u16", "u32", "u64"};
constexpr int max_nesting = 200;  // of comparisons and of freeing by recursion

void free_now(Object* object) noexcept {
  switch (object->tag) {
    case Tag::text:
      delete static_cast<TextObject*>(object);
      return;
    case Tag::array:
      delete static_cast<ArrayObject*>(object);
      return;
    case Tag::tuple:
      delete static_cast<TupleObject*>(object);
      return;
    case Tag::dict:
      delete static_cast<DictObject*>(object);
      return;
    case Tag::record:
      delete static_cast<RecordObject*>(object);
      return;
    case Tag::variant:
      delete static_cast<VariantObject*>(object);
      return;
    case Tag::function:
      delete static_cast<FunctionObject*>(object);
      return;
    case Tag::range:
      delete static_cast<RangeObject*>(object);
      return;
    case Tag::promise:
      delete static_cast<PromiseObject*>(object);
      return;
    default:
      return;
  }
}

/// The one owner of `object` from here on: the same object when it is not shared, else a copy.
template <typename T>
T& unshared(Object*& object) {
  auto* own = static_cast<T*>(object);
  if (own->references > 1) {
    auto* copy = new T(*own);
    copy->references = 1;
    --own->references;
    object = own = copy;
  }
  return *own;
}

std::string key_text(const Value& key) {
  if (key.is_text()) return key.text();
  if (key.is_integer()) return to_decimal(key.wide());
  raise("a dict key must be text or an integer, not " + type_name(key));
}

int sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

bool equal_at(const Value& a, const Value& b, int depth);

bool equal_all(const std::vector<Value>& a, const std::vector<Value>& b, int depth) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal_at(a[i], b[i], depth + 1)) return false;
  }
  return true;
}

bool equal_at(const Value& a, const Value& b, int depth) {
  if (depth > max_nesting) raise("values nested deeper than " + std::to_string(max_nesting) + " cannot be compared");
  if (a.is_integer() && b.is_integer()) return a.wide() == b.wide();
  if (a.is_floating() && b.is_floating()) return a.floating() == b.floating();
  if (a.is_integer() && b.is_floating()) return static_cast<double>(a.wide()) == b.floating();
  if (a.is_floating() && b.is_integer()) return a.floating() == static_cast<double>(b.wide());
  if (a.tag() != b.tag()) return false;
  if (a.is_object() && a.object() == b.object()) return true;
  switch (a.tag()) {
    case Tag::nil:
      return true;
    case Tag::boolean:
      return a.boolean() == b.boolean();
    case Tag::text:
      return a.text() == b.text();
    case Tag::array:
    case Tag::tuple:
      return equal_all(a.items(), b.items(), depth);
    case Tag::dict:
      if (a.dict().entries.size() != b.dict().entries.size()) return false;
      return std::ranges::all_of(a.dict().entries, [&](const auto& entry) {
        const Value* other = b.dict().find(entry.first);
        return other != nullptr && equal_at(entry.second, *other, depth + 1);
      });
    case Tag::record:
      return a.record().type == b.record().type && equal_all(a.record().fields, b.record().fields, depth);
    case Tag::variant:
      return a.variant().type == b.variant().type && a.variant().index == b.variant().index &&
             equal_all(a.variant().payload, b.variant().payload, depth);
    case Tag::range:
      return a.range().low == b.range().low && a.range().high == b.range().high;
    case Tag::promise:
      return equal_at(a.promise().value, b.promise().value, depth + 1);
    default:
      return false;
  }
}

}  // namespace

std::string_view name_of(IntKind kind) { return kind_names[static_cast<std::size_t>(hardened(kind))]; }

std::optional<IntKind> int_kind_named(std::string_view name) {
  const auto found = std::ranges::find(kind_names, name);
  if (found == kind_names.end()) return std::nullopt;
  return static_cast<IntKind>(found - kind_names.begin());
}

bool fits(Wide value, IntKind kind) {
  const int bits = bits_of(kind);
  if (is_unsigned(kind)) return value >= 0 && value < (Wide{1} << bits);
  return value >= -(Wide{1} << (bits - 1)) && value < (Wide{1} << (bits - 1));
}

std::int64_t wrap(Wide value, IntKind kind) {
  switch (hardened(kind)) {
    case IntKind::i8:
      return static_cast<std::int8_t>(value);
    case IntKind::i16:
      return static_cast<std::int16_t>(value);
    case IntKind::i32:
      return static_cast<std::int32_t>(value);
    case IntKind::u8:
      return static_cast<std::uint8_t>(value);
    case IntKind::u16:
      return static_cast<std::uint16_t>(value);
    case IntKind::u32:
      return static_cast<std::uint32_t>(value);
    default:
      return static_cast<std::int64_t>(value);
  }
}

std::string to_decimal(Wide value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  std::string digits;
  while (value != 0) {
    const int digit = static_cast<int>(value % 10);
    digits += static_cast<char>('0' + (negative ? -digit : digit));
    value /= 10;
  }
  if (negative) digits += '-';
  std::ranges::reverse(digits);
  return digits;
}

void raise(std::string message) { throw Failure{std::move(message)}; }

void destroy(Object* object) noexcept {
  static int depth = 0;
  static std::vector<Object*> waiting;
  if (depth >= max_nesting) {
    waiting.push_back(object);
    return;
  }
  ++depth;
  free_now(object);
  --depth;
  while (depth == 0 && !waiting.empty()) {
    Object* next = waiting.back();
    waiting.pop_back();
    ++depth;
    free_now(next);
    --depth;
  }
}

bool TextObject::is_ascii() const {
  if (ascii < 0) {
    ascii = std::ranges::all_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x80; }) ? 1 : 0;
  }
  return ascii == 1;
}

Value Value::text(std::string value) { return own(new TextObject(std::move(value))); }
Value Value::array(std::vector<Value> items) { return own(new ArrayObject(std::move(items))); }

std::string& Value::own_text() {
  auto& object = unshared<TextObject>(object_);
  object.ascii = -1;
  return object.value;
}
std::vector<Value>& Value::own_items() {
  return tag_ == Tag::array ? unshared<ArrayObject>(object_).items : unshared<TupleObject>(object_).items;
}
DictObject& Value::own_dict() { return unshared<DictObject>(object_); }
RecordObject& Value::own_record() { return unshared<RecordObject>(object_); }

const Value* DictObject::find(const Value& key) const {
  const auto found = index.find(key_text(key));
  return found == index.end() ? nullptr : &entries[found->second].second;
}

void DictObject::set(const Value& key, Value value) {
  const auto [place, added] = index.try_emplace(key_text(key), entries.size());
  if (added) {
    check_elements(entries.size() + 1);
    entries.emplace_back(key, std::move(value));
  } else {
    entries[place->second].second = std::move(value);
  }
}

bool DictObject::remove(const Value& key) {
  const auto found = index.find(key_text(key));
  if (found == index.end()) return false;
  const std::size_t at = found->second;
  index.erase(found);
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
  for (auto& [text, place] : index) {
    if (place > at) --place;
  }
  return true;
}

std::string type_name(const Value& value) {
  switch (value.tag()) {
    case Tag::nil:
      return "nil";
    case Tag::boolean:
      return "bool";
    case Tag::integer:
      return std::string(name_of(value.kind()));
    case Tag::floating:
      return "f64";
    case Tag::text:
      return "text";
    case Tag::array:
      return "array";
    case Tag::tuple:
      return "tuple";
    case Tag::dict:
      return "dict";
    case Tag::record:
      return std::string(spelling(value.record().type->name));
    case Tag::variant:
      return std::string(spelling(value.variant().type->name));
    case Tag::function:
      return "function";
    case Tag::range:
      return "range";
    case Tag::promise:
      return "promise";
  }
  return "value";
}

bool equal(const Value& a, const Value& b) { return equal_at(a, b, 0); }

bool comparable(const Value& a, const Value& b) {
  const auto is_number = [](const Value& v) { return v.is_integer() || v.is_floating(); };
  if (a.is_nil() || b.is_nil() || a.tag() == b.tag()) {
    if (a.tag() == Tag::record && b.tag() == Tag::record) return a.record().type == b.record().type;
    if (a.tag() == Tag::variant && b.tag() == Tag::variant) return a.variant().type == b.variant().type;
    return a.tag() != Tag::function || b.is_nil();
  }
  return is_number(a) && is_number(b);
}

int order(const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) return sign(a.wide() < b.wide(), a.wide() > b.wide());
  if (a.is_floating() && b.is_floating()) return sign(a.floating() < b.floating(), a.floating() > b.floating());
  if (a.is_text() && b.is_text()) return a.text().compare(b.text());
  raise("cannot order " + type_name(a) + " and " + type_name(b));
}

void check_elements(std::size_t count) {
  if (count > max_elements) raise("a collection of " + std::to_string(count) + " elements is beyond the limit");
}

void check_text(std::size_t bytes) {
  if (bytes > max_text) raise("a text of " + std::to_string(bytes) + " bytes is beyond the limit");
}

}  // namespace stdbind::simple
