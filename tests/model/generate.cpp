// Random operations, most of them near the edges: of pages, of the mapping and of the file.
#include <algorithm>
#include <array>
#include <random>

#include "model.hpp"

namespace stdbind::model {

namespace {

class Generator {
 public:
  Generator(std::uint64_t seed, std::int64_t page) : random_(seed), model_(first_sizes(page), page), page_(page) {}

  Operation next(int number) {
    Operation operation;
    operation.object = static_cast<int>(below(object_count));
    operation.file = static_cast<int>(below(file_count));
    operation.act = act(model_.held(operation.object));
    operation.origin = Origin{10'000'000} + Origin{1'000'000} * number;
    fill(operation);
    model_.perform(operation);
    return operation;
  }

 private:
  // The distributions of the standard library differ from one to the next.
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }
  bool one_in(std::int64_t count) { return below(count) == 0; }

  Act act(bool held) {
    using enum Act;
    if (!held)
      return one_in(6) ? static_cast<Act>(below(static_cast<std::int64_t>(truncate))) : one_in(4) ? anonymous : map;
    constexpr std::array often{read_at, read_at,  read_at,     write_at,    write_at,  write_at, read,
                               write,   seek,     seek,        tell,        length,    view,     unview,
                               unview,  probe,    flush,       resize,      resize,    map,      close,
                               look,    truncate, plain_write, plain_write, is_closed, anonymous};
    return often.at(static_cast<std::size_t>(below(static_cast<std::int64_t>(often.size()))));
  }

  // A number up to the limit, often an edge, sometimes beyond it.
  std::int64_t edge(std::int64_t limit) {
    limit = std::max<std::int64_t>(limit, 0);
    switch (below(8)) {
      case 0:
        return 0;
      case 1:
        return limit;
      case 2:
        return limit + 1 - below(3);
      case 3:
        return page_ * below(limit / page_ + 1) + below(3) - 1;
      case 4:
        return one_in(4) ? -1 - below(5) : limit;
      default:
        return below(limit + 1);
    }
  }

  std::int64_t some(std::int64_t most) { return one_in(6) ? below(most + page_ + 1) : one_in(8) ? 0 : 1 + below(64); }

  void fill(Operation& operation) {
    constexpr std::array<std::int64_t, 5> modes{2, 2, 1, 9, 10};
    const std::int64_t extent = model_.length(operation.object);
    const auto size = static_cast<std::int64_t>(model_.file(operation.file).size());
    using enum Act;
    switch (operation.act) {
      case map:
        operation.mode = modes.at(static_cast<std::size_t>(below(modes.size())));
        operation.offset = one_in(2) ? 0 : edge(size);
        operation.size = one_in(2) ? -1 : edge(std::max<std::int64_t>(size - operation.offset, 0));
        operation.grow = one_in(2) && (operation.mode & 8) == 0;
        break;
      case anonymous:
        operation.mode = one_in(2) ? 10 : 2;
        operation.size = edge(2 * page_);
        break;
      case read:
        operation.size = one_in(4) ? -1 : some(extent);
        break;
      case write:
        operation.size = some(extent);
        break;
      case read_at:
      case write_at:
        operation.offset = edge(extent);
        operation.size = one_in(3) ? std::max<std::int64_t>(edge(extent - operation.offset), 0) : some(extent);
        break;
      case seek:
        operation.whence = below(3);
        operation.offset = operation.whence == 0 ? edge(extent) : below(2 * extent + 3) - extent - 1;
        break;
      case view:
      case probe:
      case flush:
        operation.offset = edge(extent);
        operation.size = one_in(4) ? -1 : std::max<std::int64_t>(edge(extent - operation.offset), 0);
        break;
      case resize:
        operation.size = edge(4 * page_);
        break;
      case truncate:
        operation.size = std::max<std::int64_t>(one_in(2) ? page_ * below(5) : edge(4 * page_), 0);
        break;
      case plain_write:
        operation.size = 1 + some(size);
        operation.offset = std::max<std::int64_t>(edge(size) - (one_in(2) ? operation.size : 0), 0);
        break;
      default:
        break;
    }
  }

  std::mt19937_64 random_;
  Model model_;
  std::int64_t page_;
};

}  // namespace

std::vector<Operation> generate(std::uint64_t seed, int count, std::int64_t page) {
  Generator generator(seed, page);
  std::vector<Operation> operations;
  for (int number = 0; number < count; ++number) operations.push_back(generator.next(number));
  return operations;
}

}  // namespace stdbind::model
