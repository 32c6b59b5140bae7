// adapter.toml and pack.toml: what they mean, and that every mistake is told with its file.
#include "conform/language.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace stdbind::conform {
namespace {

namespace fs = std::filesystem;

class LanguageFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ =
        fs::path(STDBIND_BINARY_DIR) / "conform-tests" / (std::string(info->name()) + std::to_string(getpid()));
    fs::create_directories(directory_);
    places_ = {directory_.string(), "/build", "/build/lib/libstdbind.so"};
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string write(const fs::path& name, const std::string& text) {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).string();
  }
  auto load(const std::string& text) { return load_language(write("adapter.toml", text), places_); }
  std::string error_of(const std::string& text) {
    const auto language = load(text);
    return language ? "" : language.error();
  }

  fs::path directory_;
  Places places_;
};

TEST_F(LanguageFile, IsRead) {
  write("known.txt", "# why\n\nfault/*  no signal handler yet\n");
  const auto language = load(
      "language = \"nim\"\ntool = [\"nim\", \"--version\"]\nknown_failing = \"known.txt\"\n"
      "[[build]]\nphase = \"compile\"\ncommand = [\"nim\", \"c\", \"-o:{out}/a\", \"{adapter}/a.nim\"]\n"
      "[start]\ncommand = [\"{out}/a\"]\nenvironment = { LIB = \"{library}\", ROOT = \"{root}\", VENV = \"{venv}\" "
      "}\n");
  ASSERT_TRUE(language) << language.error();
  EXPECT_TRUE(language->is_default);
  EXPECT_EQ(language->build.front().command[2], "-o:/build/conform/nim/a");
  EXPECT_EQ(language->build.front().command[3], directory_.string() + "/a.nim");
  EXPECT_EQ(language->environment.at("LIB"), "/build/lib/libstdbind.so");
  ASSERT_EQ(language->known_failing.size(), 1U);
  EXPECT_EQ(language->known_failing.front().reason, "no signal handler yet");
  EXPECT_TRUE(language->known_failing.front().place.ends_with("known.txt:3"));
}

TEST_F(LanguageFile, MistakesAreTold) {
  const std::string start = "[start]\ncommand = [\"a\"]\n";
  EXPECT_NE(error_of(start).find("language is missing"), std::string::npos);
  EXPECT_NE(error_of("language = \"No Good\"\n" + start).find("lower-case"), std::string::npos);
  EXPECT_NE(error_of("language = 3\n" + start).find("must be text"), std::string::npos);
  EXPECT_NE(error_of("language = \"a\"\n").find("[start] is missing"), std::string::npos);
  EXPECT_NE(error_of("language = \"a\"\nlanguge = \"b\"\n" + start).find("adapter.toml:2: unknown key `languge`"),
            std::string::npos);
  EXPECT_NE(
      error_of("language = \"a\"\n[start]\ncommand = [\"a\"]\nshell = true\n").find("unknown key `shell` in [start]"),
      std::string::npos);
  EXPECT_NE(error_of("language = \"a\"\n[start]\ncommand = \"a b\"\n").find("must be a list"), std::string::npos);
  EXPECT_NE(error_of("language = \"a\"\n[start]\ncommand = [\"{home}\"]\n").find("`{home}` is no placeholder"),
            std::string::npos);
  EXPECT_NE(
      error_of("language = \"a\"\n[[build]]\nphase = \"test\"\ncommand = [\"a\"]\n" + start).find("phase is generate"),
      std::string::npos);
  EXPECT_NE(error_of("language = \"a\"\ndefault = 1\n" + start).find("true or false"), std::string::npos);
  EXPECT_NE(error_of("language = \"a\"\nunsupported = \"gone.txt\"\n" + start).find("gone.txt"), std::string::npos);
  EXPECT_NE(error_of("language = \n").find("adapter.toml:1"), std::string::npos);
  write("bare.txt", "fault/*\n");
  EXPECT_NE(error_of("language = \"a\"\nunsupported = \"bare.txt\"\n" + start).find("a reason must follow"),
            std::string::npos);
}

TEST_F(LanguageFile, PacksNameTheirAdapter) {
  write("tests/conformance/adapters/one/adapter.toml", "language = \"one\"\n[start]\ncommand = [\"a\"]\n");
  write("bindings/one/pack.toml", "[conformance]\nadapter = \"../../tests/conformance/adapters/one/adapter.toml\"\n");
  write("bindings/plain/pack.toml", "name = \"plain\"\n");
  write("outside/pack.toml", "[conformance]\nadapter = \"adapter.toml\"\n");
  write("outside/adapter.toml", "language = \"two\"\n[start]\ncommand = [\"a\"]\n");
  const auto languages = find_languages(places_, {(directory_ / "outside").string()});
  EXPECT_TRUE(languages.errors.empty()) << languages.errors.front();
  ASSERT_EQ(languages.found.size(), 2U);
  EXPECT_EQ(languages.found[0].name, "one");
  EXPECT_EQ(languages.found[1].name, "two");
}

TEST_F(LanguageFile, TwoOfOneNameAreToldApartByAnError) {
  write("tests/conformance/adapters/one/adapter.toml", "language = \"same\"\n[start]\ncommand = [\"a\"]\n");
  write("tests/conformance/adapters/two/adapter.toml", "language = \"same\"\n[start]\ncommand = [\"a\"]\n");
  const auto languages = find_languages(places_, {"/nonexistent/pack"});
  EXPECT_EQ(languages.errors.size(), 2U);
}

TEST(Languages, OfThisRepositoryCanBeRead) {
  const auto languages = find_languages({STDBIND_SOURCE_DIR, STDBIND_BINARY_DIR, ""}, {});
  for (const auto& error : languages.errors) ADD_FAILURE() << error;
  EXPECT_GE(languages.found.size(), 4U);
}

TEST_F(LanguageFile, PlatformIsReadAndRunOn) {
  const std::string folder = "tests/conformance/platforms/";
  write(folder + "cannot.txt", "advise/*  the emulator does not pass it on\n");
  write(folder + "far.toml",
        "build = \"{root}/build/far\"\nlanguages = [\"c\"]\nlaunch = [\"emulator\", \"-L\", \"{root}\"]\nsuffix = "
        "\".exe\"\n"
        "granularity = 65536\nreadonly_is_shared = true\nmounts = false\nunsupported = \"cannot.txt\"\n");
  const auto platform = load_platform("far", places_.root);
  ASSERT_TRUE(platform) << platform.error();
  EXPECT_EQ(platform->build, places_.root + "/build/far");
  EXPECT_EQ(platform->granularity, 65536);
  EXPECT_TRUE(platform->readonly_is_shared);
  EXPECT_FALSE(platform->mounts);
  ASSERT_EQ(platform->unsupported.size(), 1U);

  auto language = load("language = \"c\"\n[start]\ncommand = [\"{build}/bin/adapter\", \"-x\"]\n");
  ASSERT_TRUE(language) << language.error();
  run_on(*language, *platform);
  EXPECT_EQ(language->name, "c@far");
  EXPECT_EQ(language->start,
            (std::vector<std::string>{"emulator", "-L", places_.root, "/build/bin/adapter.exe", "-x"}));
  EXPECT_EQ(find_line(language->platform.unsupported, "advise/random")->reason, "the emulator does not pass it on");
}

TEST_F(LanguageFile, MistakesInAPlatformAreTold) {
  const auto error = [&](const std::string& text) {
    write("tests/conformance/platforms/far.toml", text);
    const auto platform = load_platform("far", places_.root);
    return platform ? "" : platform.error();
  };
  EXPECT_NE(error("languages = [\"c\"]\n").find("build is missing"), std::string::npos);
  EXPECT_NE(error("build = \"b\"\n").find("languages is missing"), std::string::npos);
  const std::string good = "build = \"b\"\nlanguages = [\"c\"]\n";
  EXPECT_NE(error(good + "lauch = [\"x\"]\n").find("far.toml:3: unknown key `lauch`"), std::string::npos);
  EXPECT_NE(error(good + "granularity = 0\n").find("at least 1"), std::string::npos);
  EXPECT_NE(error(good + "readonly_is_shared = 1\n").find("true or false"), std::string::npos);
  EXPECT_NE(error(good + "unsupported = \"gone.txt\"\n").find("gone.txt"), std::string::npos);
  EXPECT_EQ(load_platform("near", places_.root).error(), "there is no platform `near` (known: far)");
}

}  // namespace
}  // namespace stdbind::conform
