// Changes messages field by field, so that what libFuzzer tries is always a message on the wire.
#ifndef CCPLACE_TESTS_FUZZ_MESSAGE_MUTATOR_H_
#define CCPLACE_TESTS_FUZZ_MESSAGE_MUTATOR_H_

#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

// libFuzzer's own, for the bytes of a field.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace ccplace::fuzz {

class MessageMutator {
 public:
  // The same `seed` makes the same change.
  explicit MessageMutator(unsigned seed) : random_(seed) {}

  // One change: of a field of `message` or of a message in it, or a field there that nobody knows.
  void Mutate(google::protobuf::Message& message) {
    std::vector<google::protobuf::Message*> all;
    Collect(message, all);
    google::protobuf::Message& chosen = *all[Below(all.size())];
    if (Below(8) == 0) return AddUnknown(chosen);
    Change(chosen);
  }

 private:
  using Field = google::protobuf::FieldDescriptor;

  size_t Below(size_t count) { return random_() % count; }

  static void Collect(google::protobuf::Message& message,
                      std::vector<google::protobuf::Message*>& all) {
    all.push_back(&message);
    const auto& reflection = *message.GetReflection();
    std::vector<const Field*> fields;
    reflection.ListFields(message, &fields);
    for (const Field* field : fields) {
      if (field->cpp_type() != Field::CPPTYPE_MESSAGE) continue;
      if (!field->is_repeated()) Collect(*reflection.MutableMessage(&message, field), all);
      for (int i = 0; field->is_repeated() && i < reflection.FieldSize(message, field); ++i) {
        Collect(*reflection.MutableRepeatedMessage(&message, field, i), all);
      }
    }
  }

  void AddUnknown(google::protobuf::Message& message) {
    auto& unknown = *message.GetReflection()->MutableUnknownFields(&message);
    const int number = static_cast<int>(1 + Below(Below(2) == 0 ? 32 : 1 << 20));
    switch (Below(4)) {
      case 0:
        return unknown.AddVarint(number, random_());
      case 1:
        return unknown.AddFixed32(number, random_());
      case 2:
        unknown.AddGroup(number)->AddVarint(1, 1);
        return;
      default:
        unknown.AddLengthDelimited(number)->assign(Below(9), 'u');
    }
  }

  void Change(google::protobuf::Message& message) {
    const auto& descriptor = *message.GetDescriptor();
    if (descriptor.field_count() == 0) return AddUnknown(message);
    const Field& field = *descriptor.field(static_cast<int>(Below(descriptor.field_count())));
    const auto& reflection = *message.GetReflection();
    if (Below(6) == 0) return reflection.ClearField(&message, &field);
    if (field.is_repeated()) return Add(message, field);
    Set(message, field);
  }

  void Set(google::protobuf::Message& message, const Field& field) {
    const auto& to = *message.GetReflection();
    switch (field.cpp_type()) {
      case Field::CPPTYPE_MESSAGE:
        to.MutableMessage(&message, &field);
        return;
      case Field::CPPTYPE_STRING:
        return to.SetString(&message, &field, Text(to.GetString(message, &field)));
      case Field::CPPTYPE_BOOL:
        return to.SetBool(&message, &field, Below(2) == 0);
      case Field::CPPTYPE_ENUM:
        return to.SetEnumValue(&message, &field, static_cast<int>(Below(9)) - 1);
      case Field::CPPTYPE_UINT32:
        return to.SetUInt32(&message, &field, Number());
      case Field::CPPTYPE_UINT64:
        return to.SetUInt64(&message, &field, Number());
      case Field::CPPTYPE_INT32:
        return to.SetInt32(&message, &field, static_cast<int32_t>(Number()));
      default:
        return;
    }
  }

  void Add(google::protobuf::Message& message, const Field& field) {
    const auto& to = *message.GetReflection();
    if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
      to.AddMessage(&message, &field);
    } else if (field.cpp_type() == Field::CPPTYPE_STRING) {
      to.AddString(&message, &field, Text(""));
    }
  }

  uint32_t Number() { return Below(2) == 0 ? static_cast<uint32_t>(Below(300)) : random_(); }

  // Bytes go on the wire as they are; text must be UTF-8 to be read again, and ASCII is.
  std::string Text(std::string text) {
    constexpr size_t kLongest = 96;
    size_t size = std::min(text.size(), kLongest);
    text.resize(kLongest + 1);
    size = LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), size, kLongest);
    text.resize(size);
    for (char& c : text) c = static_cast<char>(c & 0x7f);
    return text;
  }

  std::minstd_rand random_;
};

}  // namespace ccplace::fuzz

#endif  // CCPLACE_TESTS_FUZZ_MESSAGE_MUTATOR_H_
