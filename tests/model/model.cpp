// The model: files and memory as arrays of origins, mappings as windows on them.
#include "model.hpp"

#include <algorithm>

#include "conform/values.hpp"

namespace stdbind::model {

namespace {

constexpr std::int64_t to_the_end = -1;

Expected ok() { return {}; }
Expected ok(std::string field, std::int64_t number) {
  return {.status = Expected::Status::ok, .kind = {}, .field = std::move(field), .number = number, .data = {}};
}
Expected error(std::string kind) {
  return {.status = Expected::Status::error, .kind = std::move(kind), .field = {}, .number = 0, .data = {}};
}
Expected skipped() { return {.status = Expected::Status::skipped, .kind = {}, .field = {}, .number = 0, .data = {}}; }

std::int64_t size_of(const Origins& origins) { return static_cast<std::int64_t>(origins.size()); }

Origins piece(Origin from, std::int64_t size) {
  Origins origins(static_cast<std::size_t>(size));
  for (auto& origin : origins) origin = from++;
  return origins;
}

bool fits(std::int64_t length, std::int64_t offset, std::int64_t size) {
  return offset >= 0 && offset <= length && size <= length - offset;
}

}  // namespace

std::string bytes_of(const Origins& origins) {
  std::string bytes;
  bytes.reserve(origins.size());
  for (const Origin origin : origins)
    bytes += origin == zero ? '\0' : conform::pattern_byte(static_cast<std::uint64_t>(origin));
  return bytes;
}

std::string spell(const Origins& origins) {
  std::string text;
  for (std::size_t begin = 0; begin < origins.size();) {
    std::size_t end = begin + 1;
    const Origin step = origins[begin] == zero ? 0 : 1;
    while (end < origins.size() && origins[end] == origins[end - 1] + step) ++end;
    if (!text.empty()) text += ',';
    text += step == 0 ? "fill:00*" + std::to_string(end - begin)
                      : "pattern:" + std::to_string(origins[begin]) + ".." + std::to_string(origins[end - 1] + 1);
    begin = end;
  }
  return text;
}

Model::Model(std::vector<std::int64_t> sizes, std::int64_t page)
    : objects_(static_cast<std::size_t>(object_count)), page_(page) {
  for (const std::int64_t size : sizes) files_.push_back(piece(Origin{1'000'000} * std::ssize(files_), size));
}

std::int64_t Model::length(int object) const {
  const Object& one = objects_.at(static_cast<std::size_t>(object));
  return one.open ? one.length : 0;
}

bool Model::page_exists(const Object& object, std::int64_t place) const {
  return object.own.contains(place / page_) || place / page_ * page_ < size_of(content(object));
}

Model::Presence Model::presence(const Object& object, std::int64_t offset, std::int64_t size) const {
  if (object.anonymous || size == 0) return Presence::all;
  const std::int64_t begin = object.offset + offset;
  bool some = false;
  bool all = true;
  for (std::int64_t place = begin / page_ * page_; place < begin + size; place += page_) {
    const bool there = page_exists(object, place);
    some = some || there;
    all = all && there;
  }
  return all ? Presence::all : some ? Presence::some : Presence::none;
}

Origin Model::byte(const Object& object, std::int64_t offset) const {
  if (object.anonymous) return object.memory[static_cast<std::size_t>(offset)];
  const std::int64_t place = object.offset + offset;
  if (const auto own = object.own.find(place / page_); own != object.own.end())
    return own->second[static_cast<std::size_t>(place % page_)];
  const Origins& file = content(object);
  return place < size_of(file) ? file[static_cast<std::size_t>(place)] : zero;
}

// What private mappings have copied goes with the pages of the file; of the last page they keep all.
void Model::set_size(int file, std::int64_t size) {
  files_.at(static_cast<std::size_t>(file)).resize(static_cast<std::size_t>(size), zero);
  for (Object& object : objects_) {
    if (object.anonymous || object.file != file) continue;
    std::erase_if(object.own, [&](const auto& page) { return page.first * page_ >= size; });
  }
}

Expected Model::open(Object& object, const Operation& operation) {
  object = {};
  Object opened;
  opened.held = true;
  opened.open = true;
  opened.mode = operation.mode;
  if (operation.act == Act::anonymous) {
    if (operation.size < 1) return error("invalid_argument");
    opened.anonymous = true;
    opened.length = operation.size;
    opened.memory.assign(static_cast<std::size_t>(operation.size), zero);
  } else {
    opened.file = operation.file;
    opened.offset = operation.offset;
    opened.grow = operation.grow;
    if (opened.grow && opened.is_private()) return error("invalid_argument");
    if (operation.size < to_the_end) return error("invalid_argument");
    const std::int64_t size = size_of(content(opened));
    if (!fits(size, operation.offset, operation.size == to_the_end ? 0 : operation.size)) return error("out_of_bounds");
    opened.length = operation.size == to_the_end ? size - operation.offset : operation.size;
  }
  object = std::move(opened);
  return ok();
}

Expected Model::read(const Object& object, std::int64_t offset, std::int64_t size) const {
  if (presence(object, offset, size) != Presence::all) return error("fault");
  Expected expected = ok("n", size);
  expected.data.emplace();
  for (std::int64_t i = 0; i < size; ++i) expected.data->push_back(byte(object, offset + i));
  return expected;
}

Expected Model::write(Object& object, std::int64_t offset, const Operation& operation) {
  const std::int64_t size = operation.size;
  if (!object.writable()) return error("not_writable");
  if (!fits(object.length, offset, size)) return error("out_of_bounds");
  const Origins data = piece(operation.origin, size);
  if (object.anonymous) {
    std::ranges::copy(data, object.memory.begin() + offset);
    return ok("n", size);
  }
  switch (presence(object, offset, size)) {
    case Presence::none:
      return error("fault");
    case Presence::some:
      return skipped();  // how much arrives before the fault is not said
    case Presence::all:
      break;
  }
  const std::int64_t begin = object.offset + offset;
  if (!object.is_private()) {
    // Behind the end of the file, in its last page, bytes come and go with the cache.
    Origins& file = content(object);
    if (size > 0 && begin + size > size_of(file)) return skipped();
    std::ranges::copy(data, file.begin() + begin);
    return ok("n", size);
  }
  for (std::int64_t page = begin / page_; page * page_ < begin + size; ++page) {
    if (size == 0 || object.own.contains(page)) continue;
    Origins copy;
    for (std::int64_t i = 0; i < page_; ++i) copy.push_back(byte(object, page * page_ + i - object.offset));
    object.own.emplace(page, std::move(copy));
  }
  for (std::int64_t i = 0; i < size; ++i)
    object.own[(begin + i) / page_][static_cast<std::size_t>((begin + i) % page_)] = data[static_cast<std::size_t>(i)];
  return ok("n", size);
}

Expected Model::seek(Object& object, const Operation& operation) {
  const std::int64_t from = operation.whence == 0 ? 0 : operation.whence == 1 ? object.cursor : object.length;
  if (operation.offset < -from || operation.offset > object.length - from) return error("out_of_bounds");
  object.cursor = from + operation.offset;
  return ok("pos", object.cursor);
}

Expected Model::view(Object& object, const Operation& operation) {
  const bool rest = operation.size == to_the_end;
  if (!fits(object.length, operation.offset, rest ? 0 : operation.size)) return error("out_of_bounds");
  const std::int64_t size = rest ? object.length - operation.offset : operation.size;
  if (presence(object, operation.offset, size) != Presence::all) return skipped();  // touching it ends the process
  Expected expected = read(object, operation.offset, size);
  ++object.views;
  return expected;
}

Expected Model::resize(Object& object, std::int64_t length) {
  if (length < 0) return error("invalid_argument");
  if (object.views > 0) return error("busy");
  if (object.anonymous) {
    if (!object.is_private()) return error("unsupported");
    if (length == 0) return error("invalid_argument");
    if (!object.writable()) return error("not_writable");
    object.memory.resize(static_cast<std::size_t>(length), zero);
  } else {
    if (!object.grow) return error("unsupported");
    const std::int64_t size = size_of(content(object));
    const std::int64_t end = object.offset + length;
    const bool reached_end = object.offset + object.length >= size;
    if (end > size && !object.writable()) return error("out_of_bounds");
    if (end > size || (object.writable() && reached_end && end < size)) set_size(object.file, end);
  }
  object.length = length;
  object.cursor = std::min(object.cursor, length);
  return ok();
}

Expected Model::on_open(Object& object, const Operation& operation) {
  switch (operation.act) {
    case Act::close:
      if (object.views > 0) return error("busy");
      object.open = false;
      object.memory.clear();
      object.own.clear();
      return ok();
    case Act::length:
      return ok("n", object.length);
    case Act::tell:
      return ok("pos", object.cursor);
    case Act::seek:
      return seek(object, operation);
    case Act::read: {
      const std::int64_t left = object.length - object.cursor;
      const std::int64_t count = operation.size == to_the_end ? left : std::min(left, operation.size);
      Expected expected = read(object, object.cursor, count);
      if (expected.status == Expected::Status::ok) object.cursor += count;
      return expected;
    }
    case Act::write: {
      Expected expected = write(object, object.cursor, operation);
      if (expected.status == Expected::Status::ok) object.cursor += operation.size;
      return expected;
    }
    case Act::read_at:
      if (!fits(object.length, operation.offset, operation.size)) return error("out_of_bounds");
      return read(object, operation.offset, operation.size);
    case Act::write_at:
      return write(object, operation.offset, operation);
    case Act::view:
      return view(object, operation);
    case Act::unview:
      if (object.views == 0) return error("invalid_argument");
      --object.views;
      return ok();
    case Act::probe:
    case Act::flush: {
      const bool rest = operation.size == to_the_end;
      if (!fits(object.length, operation.offset, rest ? 0 : operation.size)) return error("out_of_bounds");
      const std::int64_t size = rest ? object.length - operation.offset : operation.size;
      const bool gone = presence(object, operation.offset, size) != Presence::all;
      return operation.act == Act::probe && gone ? error("fault") : ok();
    }
    case Act::resize:
      return resize(object, operation.size);
    default:
      return skipped();
  }
}

Expected Model::perform(const Operation& operation) {
  switch (operation.act) {
    case Act::truncate:
      set_size(operation.file, operation.size);
      return ok();
    case Act::plain_write: {
      Origins& file = files_.at(static_cast<std::size_t>(operation.file));
      if (operation.size < 1 || !fits(size_of(file), operation.offset, operation.size)) return skipped();
      std::ranges::copy(piece(operation.origin, operation.size), file.begin() + operation.offset);
      return ok();
    }
    case Act::look: {
      Expected expected;
      expected.data = file(operation.file);
      return expected;
    }
    default:
      break;
  }
  Object& object = objects_.at(static_cast<std::size_t>(operation.object));
  if (operation.act == Act::map || operation.act == Act::anonymous) return open(object, operation);
  // Of a number that holds nothing, adapters say that it is closed, or that there is nothing: both are right.
  if (operation.act == Act::is_closed) return object.held ? ok("value", object.open ? 0 : 1) : skipped();
  if (!object.open) return error("closed");
  return on_open(object, operation);
}

std::vector<std::int64_t> first_sizes(std::int64_t page) { return {3 * page, page + page / 2 + 1}; }

std::string file_name(int number) { return number == 0 ? "a.bin" : "b.bin"; }

std::vector<Operation> without_resize(std::vector<Operation> operations) {
  std::erase_if(operations, [](const Operation& operation) { return operation.act == Act::resize; });
  for (Operation& operation : operations) operation.grow = false;
  return operations;
}

}  // namespace stdbind::model
