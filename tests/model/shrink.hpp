// Makes a failing list of operations as short as it can be found: delta debugging, then smaller numbers.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "model.hpp"

namespace stdbind::model {

/// `fails` is asked at most `tries` times; it must be true for `operations`. What comes back fails too.
inline std::vector<Operation> shrink(std::vector<Operation> operations,
                                     const std::function<bool(const std::vector<Operation>&)>& fails, int tries) {
  const auto still_fails = [&](const std::vector<Operation>& candidate) { return tries-- > 0 && fails(candidate); };
  for (std::size_t chunk = std::max<std::size_t>(operations.size() / 2, 1);;
       chunk = std::max<std::size_t>(chunk / 2, 1)) {
    bool removed = false;
    for (std::size_t begin = 0; begin < operations.size();) {
      auto candidate = operations;
      const auto end = std::min(begin + chunk, operations.size());
      candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(begin),
                      candidate.begin() + static_cast<std::ptrdiff_t>(end));
      if (still_fails(candidate)) {
        operations = std::move(candidate);
        removed = true;
      } else {
        begin = end;
      }
    }
    if (tries <= 0 || (chunk == 1 && !removed)) break;
  }
  for (std::size_t i = 0; i < operations.size(); ++i) {
    for (std::int64_t Operation::* number : {&Operation::size, &Operation::offset}) {
      while (operations[i].*number > 1) {
        auto candidate = operations;
        candidate[i].*number /= 2;
        if (!still_fails(candidate)) break;
        operations = std::move(candidate);
      }
    }
  }
  return operations;
}

}  // namespace stdbind::model
