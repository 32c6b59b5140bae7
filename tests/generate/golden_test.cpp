// One artificial header a feature: its IR and its view are compared with the files in golden/. To accept a change on
// purpose, run with STDBIND_UPDATE_GOLDENS=1 and read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "generate/build.hpp"
#include "generate/files.hpp"
#include "generate/pack.hpp"
#include "generate/reader.hpp"
#include "generate/view.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

const fs::path here = STDBIND_TEST_FOLDER;

Ir ir_of(const std::string& file) {
  Request request;
  request.file = (here / "inputs" / file).string();
  request.swig = find_swig(STDBIND_PINNED_SWIG);
  return build_ir(request);
}

void compare(const std::string& name, const std::string& text) {
  const fs::path file = here / "golden" / name;
  if (std::getenv("STDBIND_UPDATE_GOLDENS") != nullptr) write_file(file, text);
  const auto golden = read_file(file);
  ASSERT_TRUE(golden.has_value()) << file << " is missing; run once with STDBIND_UPDATE_GOLDENS=1";
  EXPECT_EQ(*golden, text);
}

class GoldenTest : public testing::TestWithParam<const char*> {};

TEST_P(GoldenTest, Ir) {
  const std::string name = fs::path(GetParam()).stem().string();
  compare(name + ".ir.json", ir_json(ir_of(GetParam())).dump(2) + "\n");
}

TEST_P(GoldenTest, IrIsReproducible) { EXPECT_EQ(ir_json(ir_of(GetParam())), ir_json(ir_of(GetParam()))); }

INSTANTIATE_TEST_SUITE_P(Inputs, GoldenTest,
                         testing::Values("functions.h", "buffers.h", "typedefs.h", "enums.h", "constants.h",
                                         "structs.h", "comments.h", "comments_behind.h", "inexpressible.h",
                                         "interface.i"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

std::string listed(const std::vector<LeftOut>& items) {
  std::string text;
  for (const auto& item : items) text += item.item + " [" + item.flag + "]\n";
  return text;
}

// The packs themselves are not the matter here: a small one answers no to everything.
Pack small_pack() { return read_pack(here / "packs" / "small"); }

TEST(ViewTest, Functions) {
  compare("functions.view.json", make_view(ir_of("functions.h"), small_pack(), {}).model.dump(2) + "\n");
}

TEST(ViewTest, RefusesWhatTheLanguageCannotExpress) {
  const View view = make_view(ir_of("inexpressible.h"), small_pack(), {});
  EXPECT_EQ(listed(view.refused),
            "function sample_callback [callbacks]\n"
            "function sample_raw_callback [callbacks]\n"
            "function sample_print [varargs]\n"
            "function sample_print_list [varargs]\n"
            "function sample_by_value [struct_by_value]\n"
            "function sample_long [unknown_types]\n"
            "function sample_nine [limits.arguments]\n"
            "type sample_function [callbacks]\n");
  EXPECT_EQ(view.bound, 2U);  // sample_fine and struct sample_value
  EXPECT_TRUE(view.disabled.empty());
}

TEST(ViewTest, SlotsCountTheFunctionsOfTheTableNotTheBoundOnes) {
  ViewOptions options;
  options.disabled = {"sample_add"};
  const View view = make_view(ir_of("functions.h"), small_pack(), options);
  ASSERT_EQ(view.disabled.size(), 1U);
  EXPECT_EQ(view.model["functions"][0]["c_name"], "sample_narrow");
  EXPECT_EQ(view.model["functions"][0]["slot"], 1);
}

TEST(ViewTest, InterfaceDisablesRenamesAndIgnores) {
  const Ir ir = ir_of("interface.i");
  const View view = make_view(ir, small_pack(), {});
  EXPECT_EQ(listed(view.disabled), "function sample_hidden []\n");
  EXPECT_EQ(view.model["functions"][1]["name"], "newer");
  EXPECT_TRUE(view.model["functions"][2]["parameters"][0]["is_buffer"].get<bool>());
  Pack simple = small_pack();
  simple.language = "simple";
  EXPECT_EQ(listed(make_view(ir, simple, {}).disabled), "function sample_hidden []\nfunction sample_old []\n");
}

TEST(ViewTest, TwoItemsOfOneNameAreRefused) {
  ViewOptions options;
  options.renames = {{"sample_narrow", "add"}};
  options.prefixes = {"sample_"};
  const View view = make_view(ir_of("functions.h"), small_pack(), options);
  EXPECT_EQ(listed(view.refused), "function sample_narrow [names]\nfunction sample_mean [floats]\n");
}

TEST(ViewTest, AnOptionForNoItemIsWrongUsage) {
  ViewOptions options;
  options.disabled = {"sample_typo"};
  try {
    make_view(ir_of("functions.h"), small_pack(), options);
    FAIL() << "no error";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.status(), 2);
    EXPECT_NE(std::string(failure.what()).find("sample_typo"), std::string::npos);
  }
}

}  // namespace
}  // namespace stdbind::generate
