#include "lib/base/atomic_shared_ptr.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace ccplace {
namespace {

std::shared_ptr<const int> Value(int value) { return std::make_shared<const int>(value); }

TEST(AtomicSharedPtrTest, ReadersSeeWhatWasPublishedLast) {
  AtomicSharedPtr<int> published(Value(1));
  EXPECT_EQ(*published.Current(), 1);
  published.Publish(Value(2));
  EXPECT_EQ(*published.Current(), 2);
  EXPECT_EQ(*published.Current(), 2);
}

TEST(AtomicSharedPtrTest, OneThreadReadsManyWithoutMixingThemUp) {
  std::vector<std::unique_ptr<AtomicSharedPtr<int>>> many;
  for (int i = 0; i < 50; ++i) many.push_back(std::make_unique<AtomicSharedPtr<int>>(Value(i)));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 50; ++i) EXPECT_EQ(*many[i]->Current(), i);
  }
}

TEST(AtomicSharedPtrTest, WhatATheadRemembersOfADestroyedOneIsNotTakenForANewOne) {
  alignas(AtomicSharedPtr<int>) unsigned char place[sizeof(AtomicSharedPtr<int>)];
  for (int i = 0; i < 20; ++i) {
    auto* published = new (place) AtomicSharedPtr<int>(Value(i));
    EXPECT_EQ(*published->Current(), i);
    published->~AtomicSharedPtr<int>();
  }
}

TEST(AtomicSharedPtrTest, AnIdleReaderKeepsNoOldValueAlive) {
  auto first = Value(1);
  const std::weak_ptr<const int> watched = first;
  AtomicSharedPtr<int> published(std::move(first));
  EXPECT_EQ(*published.Current(), 1);
  std::atomic<bool> has_read{false};
  std::atomic<bool> stop{false};
  std::thread idle([&] {
    EXPECT_EQ(*published.Current(), 1);
    has_read = true;
    while (!stop) std::this_thread::yield();
  });
  while (!has_read) std::this_thread::yield();
  published.Publish(Value(2));
  EXPECT_TRUE(watched.expired());
  stop = true;
  idle.join();
}

TEST(AtomicSharedPtrTest, NoReaderSeesAnOlderValueAfterANewerOne) {
  AtomicSharedPtr<int> published(Value(0));
  std::atomic<bool> stop{false};
  std::atomic<int> backwards{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      for (int last = 0; !stop;) {
        const int now = *published.Current();
        backwards += now < last ? 1 : 0;
        last = now;
      }
    });
  }
  for (int i = 1; i <= 20000; ++i) published.Publish(Value(i));
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(backwards, 0);
  EXPECT_EQ(*published.Current(), 20000);
}

}  // namespace
}  // namespace ccplace
