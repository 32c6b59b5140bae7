// Methods of arrays, tuples, ranges and dicts, and slices.
#include <algorithm>
#include <utility>

#include "format.hpp"
#include "methods.hpp"

namespace stdbind::simple {

namespace {

Value pair_of(Value a, Value b) {
  std::vector<Value> items;
  items.push_back(std::move(a));
  items.push_back(std::move(b));
  return Value::own(new TupleObject(std::move(items), nullptr));
}

std::string joined(const std::vector<Value>& items, const std::string& separator) {
  std::string result;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) result += separator;
    display_to(result, items[i]);
    check_text(result.size());
  }
  return result;
}

void sort_values(std::vector<Value>& items) {
  for (const Value& item : items) order(item, items.front());
  std::ranges::stable_sort(items, [](const Value& a, const Value& b) { return order(a, b) < 0; });
}

std::int64_t find_value(const std::vector<Value>& items, const Value& wanted) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (equal(items[i], wanted)) return static_cast<std::int64_t>(i);
  }
  return -1;
}

Value extreme(const std::vector<Value>& items, bool largest) {
  if (items.empty()) return {};
  const Value* best = &items.front();
  for (const Value& item : items) {
    const int way = order(item, *best);
    if (largest ? way > 0 : way < 0) best = &item;
  }
  return *best;
}

Value total(const std::vector<Value>& items) {
  if (std::ranges::any_of(items, [](const Value& v) { return v.is_floating(); })) {
    double sum = 0;
    for (const Value& item : items) {
      if (!item.is_floating()) raise("sum of mixed numbers");
      sum += item.floating();
    }
    return Value::floating(sum);
  }
  Wide sum = 0;
  for (const Value& item : items) {
    if (!item.is_integer()) raise("sum of " + type_name(item));
    sum += item.wide();
  }
  return Value::integer(wrap(sum, IntKind::i64));
}

bool truth(const Value& value) {
  if (!value.is_boolean()) raise("the function must give a bool, not " + type_name(value));
  return value.boolean();
}

/// map, filter, each, any, all, reduce, fold: what calls back. The array is held, so that it may change meanwhile.
std::optional<Value> calling_method(const MethodContext& context, const Value& self, Method method,
                                    Arguments& arguments) {
  const Value keep = self;
  const std::vector<Value>& items = keep.items();
  if (method == Method::fold_ || method == Method::reduce_) {
    expect_count(arguments, 2, 2);
    // both orders are in use: the function is the one that can be called
    const std::size_t function = arguments[0].tag() == Tag::function ? 0 : 1;
    Value sum = arguments[1 - function];
    for (const Value& item : items) sum = context.call(arguments[function], {sum, item});
    return sum;
  }
  expect_count(arguments, 1, 1);
  const Value& function = arguments[0];
  std::vector<Value> result;
  for (const Value& item : items) {
    Value value = context.call(function, {item});
    switch (method) {
      case Method::map_:
        result.push_back(std::move(value));
        break;
      case Method::filter_:
        if (truth(value)) result.push_back(item);
        break;
      case Method::any_:
        if (truth(value)) return Value::boolean(true);
        break;
      case Method::all_:
        if (!truth(value)) return Value::boolean(false);
        break;
      case Method::find_:
        if (truth(value)) return make_some(item);
        break;
      default:
        break;
    }
  }
  if (method == Method::any_ || method == Method::all_) return Value::boolean(method == Method::all_);
  if (method == Method::each_ || method == Method::find_) return Value();
  return Value::array(std::move(result));
}

Value part(const Value& self, Arguments& arguments, Method method) {
  const std::int64_t first = integer_argument(arguments, 0);
  if (method == Method::take_) return slice_value(self, 0, first, 1);
  if (method == Method::drop_) return slice_value(self, first, std::nullopt, 1);
  std::optional<std::int64_t> stop;
  if (arguments.size() > 1) stop = integer_argument(arguments, 1);
  if (first < 0 || stop.value_or(0) < 0) raise("slice needs positions from 0 on: the engines differ below");
  return slice_value(self, first, stop, 1);
}

}  // namespace

std::size_t checked_index(std::int64_t index, std::size_t size) {
  const std::int64_t at = index < 0 ? index + static_cast<std::int64_t>(size) : index;
  if (at < 0 || static_cast<std::uint64_t>(at) >= size) {
    raise("index " + std::to_string(index) + " is outside of " + std::to_string(size) + " elements");
  }
  return static_cast<std::size_t>(at);
}

Value slice_value(const Value& value, std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
                  std::int64_t step) {
  if (step == 0) raise("a slice step of 0");
  const bool is_text = value.is_text();
  if (!is_text && !value.is_array() && value.tag() != Tag::tuple) raise(type_name(value) + " cannot be sliced");
  const bool ascii = is_text && value.text_object().is_ascii();
  const auto size = static_cast<std::int64_t>(!is_text ? value.items().size()
                                              : ascii  ? value.text().size()
                                                       : char_count(value.text()));
  const auto bound = [&](std::optional<std::int64_t> at, std::int64_t otherwise) {
    if (!at) return otherwise;
    const std::int64_t place = *at < 0 ? *at + size : *at;
    return step > 0 ? std::clamp<std::int64_t>(place, 0, size) : std::clamp<std::int64_t>(place, -1, size - 1);
  };
  const std::int64_t from = bound(start, step > 0 ? 0 : size - 1);
  const std::int64_t to = bound(stop, step > 0 ? size : -1);
  if (is_text && step == 1) {
    if (from >= to) return Value::text("");
    const std::string& text = value.text();
    if (ascii) return Value::text(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
    const std::size_t begin = char_offset(text, static_cast<std::size_t>(from));
    const std::size_t length = char_offset(std::string_view(text).substr(begin), static_cast<std::size_t>(to - from));
    return Value::text(text.substr(begin, length));
  }
  std::vector<Value> picked;
  std::string joined_text;
  if (step == 1 && from < to) picked.reserve(static_cast<std::size_t>(to - from));
  for (std::int64_t i = from; step > 0 ? i < to : i > to;) {
    if (is_text) {
      joined_text += character_at(value, i).text();
    } else {
      picked.push_back(value.items()[static_cast<std::size_t>(i)]);
    }
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  if (is_text) return Value::text(std::move(joined_text));
  return Value::array(std::move(picked));
}

std::optional<Value> array_method(const MethodContext& context, const Value& self, Method method,
                                  Arguments& arguments) {
  const std::vector<Value>& items = self.items();
  const auto none = [&] { expect_count(arguments, 0, 0); };
  switch (method) {
    case Method::len_:
    case Method::length_:
    case Method::size_:
    case Method::count_:
      none();
      return Value::integer(static_cast<std::int64_t>(items.size()));
    case Method::is_empty_:
      none();
      return Value::boolean(items.empty());
    case Method::contains_:
    case Method::has_:
      expect_count(arguments, 1, 1);
      return Value::boolean(find_value(items, arguments[0]) >= 0);
    case Method::index_of_: {
      expect_count(arguments, 1, 1);
      const std::int64_t at = find_value(items, arguments[0]);
      return at < 0 ? Value() : make_some(Value::integer(at));
    }
    case Method::join_:
      expect_count(arguments, 0, 1);
      return Value::text(joined(items, arguments.empty() ? std::string() : text_argument(arguments, 0)));
    case Method::slice_:
      expect_count(arguments, 1, 2);
      return part(self, arguments, method);
    case Method::take_:
    case Method::drop_:
      expect_count(arguments, 1, 1);
      return part(self, arguments, method);
    case Method::get_: {
      expect_count(arguments, 1, 1);
      const std::int64_t at = integer_argument(arguments, 0);
      return at < 0 || static_cast<std::uint64_t>(at) >= items.size() ? Value() : items[static_cast<std::size_t>(at)];
    }
    case Method::first_:
      none();
      return items.empty() ? Value() : items.front();
    case Method::last_:
      none();
      return items.empty() ? Value() : items.back();
    case Method::reversed_: {
      none();
      return Value::array({items.rbegin(), items.rend()});
    }
    case Method::sorted_: {
      none();
      std::vector<Value> copy = items;
      sort_values(copy);
      return Value::array(std::move(copy));
    }
    case Method::concat_: {
      expect_count(arguments, 1, 1);
      if (!arguments[0].is_array()) raise("concat needs an array, not " + type_name(arguments[0]));
      check_elements(items.size() + arguments[0].items().size());
      std::vector<Value> copy = items;
      copy.insert(copy.end(), arguments[0].items().begin(), arguments[0].items().end());
      return Value::array(std::move(copy));
    }
    case Method::enumerate_: {
      none();
      std::vector<Value> pairs;
      for (std::size_t i = 0; i < items.size(); ++i) {
        pairs.push_back(pair_of(Value::integer(static_cast<std::int64_t>(i)), items[i]));
      }
      return Value::array(std::move(pairs));
    }
    case Method::sum_:
      none();
      return total(items);
    case Method::min_:
      none();
      return extreme(items, false);
    case Method::max_:
      none();
      return extreme(items, true);
    case Method::map_:
    case Method::filter_:
    case Method::each_:
    case Method::any_:
    case Method::all_:
    case Method::find_:
    case Method::reduce_:
    case Method::fold_:
      return calling_method(context, self, method, arguments);
    case Method::to_text_:
    case Method::to_string_:
      none();
      return Value::text(display(self));
    default:
      return std::nullopt;
  }
}

std::optional<Value> dict_method(const Value& self, Method method, Arguments& arguments) {
  const DictObject& dict = self.dict();
  const auto collect = [&](auto&& pick) {
    expect_count(arguments, 0, 0);
    std::vector<Value> result;
    for (const auto& entry : dict.entries) result.push_back(pick(entry));
    return Value::array(std::move(result));
  };
  switch (method) {
    case Method::len_:
    case Method::length_:
    case Method::size_:
    case Method::count_:
      expect_count(arguments, 0, 0);
      return Value::integer(static_cast<std::int64_t>(dict.entries.size()));
    case Method::is_empty_:
      expect_count(arguments, 0, 0);
      return Value::boolean(dict.entries.empty());
    case Method::contains_key_:
    case Method::has_:
    case Method::contains_:
      expect_count(arguments, 1, 1);
      return Value::boolean(dict.find(arguments[0]) != nullptr);
    case Method::get_: {
      expect_count(arguments, 1, 2);
      const Value* found = dict.find(arguments[0]);
      return found != nullptr ? *found : arguments.size() > 1 ? arguments[1] : Value();
    }
    case Method::keys_:
      return collect([](const auto& entry) { return entry.first; });
    case Method::values_:
      return collect([](const auto& entry) { return entry.second; });
    case Method::items_:
      return collect([](const auto& entry) { return pair_of(entry.first, entry.second); });
    case Method::to_text_:
      expect_count(arguments, 0, 0);
      return Value::text(display(self));
    default:
      return std::nullopt;
  }
}

bool is_changing(Method method) {
  switch (method) {
    case Method::push_:
    case Method::append_:
    case Method::pop_:
    case Method::reverse_:
    case Method::sort_:
    case Method::clear_:
    case Method::insert_:
    case Method::remove_:
    case Method::extend_:
    case Method::set_:
    case Method::merge_:
      return true;
    default:
      return false;
  }
}

std::optional<Value> call_changing_method(Value& self, Method method, Arguments& arguments) {
  if (self.tag() == Tag::dict) {
    switch (method) {
      case Method::set_:
      case Method::insert_:
        expect_count(arguments, 2, 2);
        self.own_dict().set(arguments[0], arguments[1]);
        return Value();
      case Method::remove_: {
        expect_count(arguments, 1, 1);
        const Value* found = self.dict().find(arguments[0]);
        Value old = found != nullptr ? *found : Value();
        if (found != nullptr) self.own_dict().remove(arguments[0]);
        return old;
      }
      case Method::merge_:
        expect_count(arguments, 1, 1);
        if (arguments[0].tag() != Tag::dict) raise("merge needs a dict, not " + type_name(arguments[0]));
        for (const auto& [key, value] : arguments[0].dict().entries) self.own_dict().set(key, value);
        return Value();
      case Method::clear_:
        expect_count(arguments, 0, 0);
        self = Value::own(new DictObject);
        return Value();
      default:
        return std::nullopt;
    }
  }
  if (!self.is_array()) return std::nullopt;
  std::vector<Value>& items = self.own_items();
  switch (method) {
    case Method::push_:
    case Method::append_:
      expect_count(arguments, 1, 1);
      check_elements(items.size() + 1);
      items.push_back(std::move(arguments[0]));
      return Value();
    case Method::pop_: {
      expect_count(arguments, 0, 0);
      if (items.empty()) return Value();
      Value last = std::move(items.back());
      items.pop_back();
      return last;
    }
    case Method::reverse_:
      expect_count(arguments, 0, 0);
      std::ranges::reverse(items);
      return Value();
    case Method::sort_:
      expect_count(arguments, 0, 0);
      sort_values(items);
      return Value();
    case Method::clear_:
      expect_count(arguments, 0, 0);
      items.clear();
      return Value();
    case Method::insert_: {
      expect_count(arguments, 2, 2);
      const std::int64_t at = integer_argument(arguments, 0);
      if (at < 0 || static_cast<std::uint64_t>(at) > items.size())
        raise("insert at " + std::to_string(at) + " is outside");
      check_elements(items.size() + 1);
      items.insert(items.begin() + at, std::move(arguments[1]));
      return Value();
    }
    case Method::remove_: {
      expect_count(arguments, 1, 1);
      const std::size_t at = checked_index(integer_argument(arguments, 0), items.size());
      Value old = std::move(items[at]);
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
      return old;
    }
    case Method::extend_: {
      expect_count(arguments, 1, 1);
      if (!arguments[0].is_array()) raise("extend needs an array, not " + type_name(arguments[0]));
      const std::vector<Value>& more = arguments[0].items();
      check_elements(items.size() + more.size());
      items.insert(items.end(), more.begin(), more.end());
      return Value();
    }
    default:
      return std::nullopt;
  }
}

}  // namespace stdbind::simple
