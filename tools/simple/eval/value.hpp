// Values of a running program. Numbers, bools and nil are kept in the value; the rest is a counted object that is
// copied when it is changed while shared (text, arrays, dicts, structs and class instances are all values: no aliases,
// no cycles). One thread owns all values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../symbol.hpp"
#include "integer.hpp"

namespace stdbind::simple {

enum class Tag : std::uint8_t {
  nil,
  boolean,
  integer,
  floating,
  text,
  array,
  tuple,
  dict,
  record,
  variant,
  function,
  range,
  promise,
};

struct Object {
  std::uint32_t references = 1;
  const Tag tag;
  explicit Object(Tag t) : tag(t) {}
};
void destroy(Object* object) noexcept;

struct TextObject;
struct ArrayObject;
struct TupleObject;
struct DictObject;
struct RecordObject;
struct VariantObject;
struct FunctionObject;
struct RangeObject;
struct PromiseObject;
struct RecordType;
struct EnumType;
struct FunctionCode;

class Value {
 public:
  Value() noexcept : integer_(0) {}
  Value(const Value& other) noexcept : tag_(other.tag_), kind_(other.kind_), integer_(other.integer_) {
    if (is_object()) ++object_->references;
  }
  Value(Value&& other) noexcept : tag_(other.tag_), kind_(other.kind_), integer_(other.integer_) {
    other.tag_ = Tag::nil;
  }
  Value& operator=(const Value& other) noexcept {
    if (other.is_object()) ++other.object_->references;
    drop();
    tag_ = other.tag_;
    kind_ = other.kind_;
    integer_ = other.integer_;
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this == &other) return *this;
    const Value old(std::move(*this));
    tag_ = other.tag_;
    kind_ = other.kind_;
    integer_ = other.integer_;
    other.tag_ = Tag::nil;
    return *this;
  }
  ~Value() { drop(); }

  static Value boolean(bool value) noexcept { return {Tag::boolean, IntKind::i64, value ? 1 : 0}; }
  static Value integer(std::int64_t value, IntKind kind = IntKind::i64) noexcept { return {Tag::integer, kind, value}; }
  static Value floating(double value) noexcept {
    Value result;
    result.tag_ = Tag::floating;
    result.floating_ = value;
    return result;
  }
  /// Takes over the one reference that a new object has.
  static Value own(Object* object) noexcept {
    Value result;
    result.tag_ = object->tag;
    result.object_ = object;
    return result;
  }
  static Value text(std::string value);
  static Value array(std::vector<Value> items);

  Tag tag() const noexcept { return tag_; }
  bool is_nil() const noexcept { return tag_ == Tag::nil; }
  bool is_object() const noexcept { return tag_ >= Tag::text; }
  bool is_integer() const noexcept { return tag_ == Tag::integer; }
  bool is_boolean() const noexcept { return tag_ == Tag::boolean; }
  bool is_floating() const noexcept { return tag_ == Tag::floating; }
  bool is_text() const noexcept { return tag_ == Tag::text; }
  bool is_array() const noexcept { return tag_ == Tag::array; }
  /// An integer of the width that needs no care.
  bool is_plain() const noexcept { return tag_ == Tag::integer && kind_ == IntKind::i64; }

  bool boolean() const noexcept { return integer_ != 0; }
  std::int64_t integer() const noexcept { return integer_; }
  IntKind kind() const noexcept { return kind_; }
  Wide wide() const noexcept { return widen(integer_, kind_); }
  double floating() const noexcept { return floating_; }
  Object* object() const noexcept { return object_; }

  const std::string& text() const noexcept;
  const TextObject& text_object() const noexcept;
  const std::vector<Value>& items() const noexcept;  ///< array or tuple
  const TupleObject& tuple() const noexcept;
  const DictObject& dict() const noexcept;
  const RecordObject& record() const noexcept;
  const VariantObject& variant() const noexcept;
  const FunctionObject& function() const noexcept;
  const RangeObject& range() const noexcept;
  const PromiseObject& promise() const noexcept;

  // For a change in place: copies the object first when it is shared.
  std::string& own_text();
  std::vector<Value>& own_items();  ///< array or tuple
  DictObject& own_dict();
  RecordObject& own_record();

 private:
  Value(Tag tag, IntKind kind, std::int64_t value) noexcept : tag_(tag), kind_(kind), integer_(value) {}
// g++ 12 sees a constant number in the union and warns of it as an address, on a path that the tag excludes.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"
  void drop() noexcept {
    if (is_object() && --object_->references == 0) destroy(object_);
  }
#pragma GCC diagnostic pop
  Tag tag_ = Tag::nil;
  IntKind kind_ = IntKind::i64;
  union {
    std::int64_t integer_;
    double floating_;
    Object* object_;
  };
};

struct TextObject : Object {
  std::string value;
  mutable std::int8_t ascii = -1;  ///< 1 when every character is one byte; -1 not known yet
  bool is_ascii() const;
  explicit TextObject(std::string v) : Object(Tag::text), value(std::move(v)) {}
};

struct ArrayObject : Object {
  std::vector<Value> items;
  explicit ArrayObject(std::vector<Value> v) : Object(Tag::array), items(std::move(v)) {}
};

struct TupleObject : Object {
  std::vector<Value> items;
  const std::vector<Symbol>* labels = nullptr;  ///< owned by the code; null without
  TupleObject(std::vector<Value> v, const std::vector<Symbol>* l)
      : Object(Tag::tuple), items(std::move(v)), labels(l) {}
};

/// Keeps the order of insertion. Keys are text or integers, as their text (the real interpreter does the same).
struct DictObject : Object {
  std::vector<std::pair<Value, Value>> entries;
  std::unordered_map<std::string, std::size_t> index;
  DictObject() : Object(Tag::dict) {}
  const Value* find(const Value& key) const;
  void set(const Value& key, Value value);
  bool remove(const Value& key);
};

struct RecordObject : Object {
  const RecordType* type;
  std::vector<Value> fields;
  RecordObject(const RecordType* t, std::vector<Value> f) : Object(Tag::record), type(t), fields(std::move(f)) {}
};

struct VariantObject : Object {
  const EnumType* type;
  std::uint32_t index;
  std::vector<Value> payload;
  VariantObject(const EnumType* t, std::uint32_t i, std::vector<Value> p)
      : Object(Tag::variant), type(t), index(i), payload(std::move(p)) {}
};

struct FunctionObject : Object {
  const FunctionCode* code;
  std::vector<Value> captures;
  std::vector<Value> composed;  ///< f >> g: code is null and these are called in turn
  explicit FunctionObject(const FunctionCode* c) : Object(Tag::function), code(c) {}
};

struct RangeObject : Object {
  std::int64_t low, high;  ///< high is exclusive
  RangeObject(std::int64_t l, std::int64_t h) : Object(Tag::range), low(l), high(h) {}
};

/// What an async function gives: always resolved, since calls are eager.
struct PromiseObject : Object {
  Value value;
  explicit PromiseObject(Value v) : Object(Tag::promise), value(std::move(v)) {}
};

/// A failure without a place yet: whoever calls the operation adds it.
struct Failure {
  std::string message;
};
[[noreturn]] void raise(std::string message);

inline const TextObject& Value::text_object() const noexcept { return *static_cast<TextObject*>(object_); }
inline const std::string& Value::text() const noexcept { return static_cast<TextObject*>(object_)->value; }
inline const std::vector<Value>& Value::items() const noexcept {
  return tag_ == Tag::array ? static_cast<ArrayObject*>(object_)->items : static_cast<TupleObject*>(object_)->items;
}
inline const TupleObject& Value::tuple() const noexcept { return *static_cast<TupleObject*>(object_); }
inline const DictObject& Value::dict() const noexcept { return *static_cast<DictObject*>(object_); }
inline const RecordObject& Value::record() const noexcept { return *static_cast<RecordObject*>(object_); }
inline const VariantObject& Value::variant() const noexcept { return *static_cast<VariantObject*>(object_); }
inline const FunctionObject& Value::function() const noexcept { return *static_cast<FunctionObject*>(object_); }
inline const RangeObject& Value::range() const noexcept { return *static_cast<RangeObject*>(object_); }
inline const PromiseObject& Value::promise() const noexcept { return *static_cast<PromiseObject*>(object_); }

/// "i64", "text", "[…]"-less names for messages: array, tuple, dict, function, or the type's own name.
std::string type_name(const Value& value);
/// Structural equality of two values of one sort. Different sorts are unequal (nil equals only nil).
bool equal(const Value& a, const Value& b);
/// Whether == between these two can hold at all; numbers of all sorts can be compared with each other.
bool comparable(const Value& a, const Value& b);
/// <0, 0, >0 for numbers and text. *errors*: raises for anything else.
int order(const Value& a, const Value& b);

/// What may be held at once, in elements or bytes: beyond this is an error instead of a machine out of memory. Tests
/// with many programs at once set less, before the first runs.
inline std::size_t max_elements = std::size_t{1} << 26;
inline std::size_t max_text = std::size_t{1} << 30;
void check_elements(std::size_t count);
void check_text(std::size_t bytes);

}  // namespace stdbind::simple
