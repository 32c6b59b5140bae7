// The table of handles: which numbers it accepts, and who destroys an object that is closed while it is used.
#include "handles.hpp"

#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

/// Counts its living objects, and knows whether it is one.
struct Counted {
  explicit Counted(int number) : value(number) { ++alive; }
  Counted(Counted&& other) noexcept : value(other.value) { ++alive; }
  Counted& operator=(Counted&&) = delete;
  ~Counted() {
    value = -1;
    --alive;
  }
  int value;
  static inline std::atomic<int> alive{0};
};

template <class Table>
bool close(Table& table, std::int64_t handle) {
  const auto reference = table.acquire(handle);
  return reference && table.close(reference, [](Counted&) { return true; });
}

TEST(Handles, NumberStandsForItsObject) {
  static HandleTable<Counted, 3> table;
  const std::int64_t live = live_handles;
  const std::int64_t first = table.issue(Counted(10));
  const std::int64_t second = table.issue(Counted(20));
  EXPECT_EQ(live_handles, live + 2);
  EXPECT_NE(first, second);
  EXPECT_GE(first, 1);
  EXPECT_LT(first, std::int64_t{1} << 56);
  EXPECT_EQ(table.acquire(first)->value, 10);
  EXPECT_EQ(table.acquire(second)->value, 20);
  EXPECT_EQ(table.state_of(first), HandleState::open);
  EXPECT_TRUE(close(table, first));
  EXPECT_EQ(table.state_of(first), HandleState::closed);
  EXPECT_FALSE(table.acquire(first));
  EXPECT_EQ(table.acquire(first).state(), HandleState::closed);
  EXPECT_EQ(Counted::alive, 1);
  EXPECT_EQ(live_handles, live + 1);
  EXPECT_TRUE(close(table, second));
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Handles, ClosedNumberNeverComesBack) {
  static HandleTable<Counted, 3> table;
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t handle = table.issue(Counted(i));
    EXPECT_TRUE(seen.insert(handle).second);
    EXPECT_TRUE(close(table, handle));
  }
  for (const std::int64_t handle : seen) EXPECT_EQ(table.state_of(handle), HandleState::closed);
}

TEST(Handles, ForgedNumbersAreTold) {
  static HandleTable<Counted, 3> table;
  static HandleTable<Counted, 4> other;
  const std::int64_t handle = table.issue(Counted(1));
  const std::int64_t foreign = other.issue(Counted(2));
  constexpr std::int64_t one = 1;
  for (const std::int64_t forged :
       {one - 1, one, -one, INT64_MIN, INT64_MAX, handle + 1, handle + (one << 32), handle + (one << 45),
        handle + (one << 52), handle | one << 56, -handle, handle >> 32 << 32, foreign}) {
    EXPECT_EQ(table.acquire(forged).state(), HandleState::never) << forged;
    EXPECT_EQ(table.state_of(forged), HandleState::never) << forged;
  }
  EXPECT_EQ(table.acquire(handle)->value, 1);
  close(table, handle);
  close(other, foreign);
}

TEST(Handles, SlotIsLeftAloneAfterItsLastGeneration) {
  static HandleTable<Counted, 3, 2> table;  // each slot serves twice
  std::set<std::int64_t> seen;
  for (int i = 0; i < 10; ++i) {
    const std::int64_t handle = table.issue(Counted(i));
    EXPECT_TRUE(seen.insert(handle).second);
    close(table, handle);
  }
  EXPECT_EQ(seen.size(), 10U);
}

TEST(Handles, FullTableRefuses) {
  static HandleTable<Counted, 3, 0xFFFFFFFF, 1> table;
  std::vector<std::int64_t> handles;
  for (int i = 0; i < 256; ++i) handles.push_back(table.issue(Counted(i)));
  EXPECT_EQ(table.issue(Counted(256)), 0);
  EXPECT_TRUE(close(table, handles[100]));
  const std::int64_t again = table.issue(Counted(257));
  EXPECT_EQ(table.acquire(again)->value, 257);
  for (const std::int64_t handle : handles) close(table, handle);
  close(table, again);
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Handles, ObjectInUseOutlivesItsNumber) {
  static HandleTable<Counted, 3> table;
  const std::int64_t handle = table.issue(Counted(5));
  {
    const auto in_flight = table.acquire(handle);
    EXPECT_TRUE(close(table, handle));
    EXPECT_EQ(table.state_of(handle), HandleState::closed);
    EXPECT_FALSE(table.acquire(handle));
    EXPECT_EQ(in_flight->value, 5);
    EXPECT_EQ(Counted::alive, 1);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Handles, FailedCloseLeavesTheHandleOpen) {
  static HandleTable<Counted, 3> table;
  const std::int64_t handle = table.issue(Counted(5));
  EXPECT_FALSE(table.close(table.acquire(handle), [](Counted&) { return false; }));
  EXPECT_EQ(table.acquire(handle)->value, 5);
  EXPECT_TRUE(close(table, handle));
}

TEST(Handles, ManyThreadsUseWhileOneCloses) {
  static HandleTable<Counted, 3> table;
  for (int round = 0; round < 200; ++round) {
    const std::int64_t handle = table.issue(Counted(round));
    std::atomic<int> ready{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        ++ready;
        while (const auto reference = table.acquire(handle)) {
          ASSERT_EQ(reference->value, round);
          std::this_thread::yield();  // still holding it
        }
      });
    }
    while (ready < 3) std::this_thread::yield();
    EXPECT_TRUE(close(table, handle));
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Handles, ManyThreadsIssueAndClose) {
  static HandleTable<Counted, 3> table;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([thread] {
        for (int i = 0; i < 3000; ++i) {
          const int value = thread * 10000 + i;
          const std::int64_t handle = table.issue(Counted(value));
          ASSERT_NE(handle, 0);
          ASSERT_EQ(table.acquire(handle)->value, value);
          ASSERT_TRUE(close(table, handle));
          ASSERT_EQ(table.state_of(handle), HandleState::closed);
        }
      });
    }
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Handles, OneThatIsAloneWaitsForThoseInFlight) {
  static HandleTable<Counted, 3> table;
  const std::int64_t handle = table.issue(Counted(1));
  std::atomic<bool> alone{false};
  std::thread writer;
  {
    const auto in_flight = table.acquire(handle);
    writer = std::thread([&] {
      const auto reference = table.acquire_alone(handle);
      alone = true;
      reference->value = 2;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(alone);
    EXPECT_EQ(in_flight->value, 1);
  }
  writer.join();
  EXPECT_TRUE(alone);
  EXPECT_EQ(table.acquire(handle)->value, 2);
  EXPECT_TRUE(close(table, handle));
}

TEST(Handles, NobodyRunsBesideOneThatIsAlone) {
  static HandleTable<Counted, 3> table;
  const std::int64_t handle = table.issue(Counted(0));
  constexpr int rounds = 2000;
  std::vector<std::thread> threads;
  std::atomic<int> torn{0};
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        const auto reference = table.acquire_alone(handle);
        reference->value += 1;  // odd only while nobody else looks
        reference->value += 1;
      }
    });
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        if (table.acquire(handle)->value % 2 != 0) ++torn;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(table.acquire(handle)->value, 2 * 2 * rounds);
  EXPECT_TRUE(close(table, handle));
  EXPECT_EQ(table.acquire_alone(handle).state(), HandleState::closed);
}

}  // namespace
}  // namespace stdbind::tests
