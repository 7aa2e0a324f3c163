/// What every subcommand has in common.
enum ShellScenes {
  static let all: [GoldenScene] = [
    GoldenScene(
      "shell",
      [
        .init("version", ["--version"]),
        .init("unknown-option", ["--no-such-option"]),
        .init("unknown-subcommand", ["no-such-subcommand"]),
      ])
  ]
}
