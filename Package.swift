// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// Debug builds, which the tests run, optimize the rooms that read megabytes or ask thousands of plans.
let optimized: [SwiftSetting] = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// A room of the house: a library target under `Sources/NAME`.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], isHot: Bool = false) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: isHot ? optimized : settings)
}

/// The tests of a room: `Tests/NAMETests`.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, resources: resources,
    swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

// Lowest first: a target imports only what stands above its line.
let package = Package(
  name: "pgassay",
  products: [.executable(name: "pgassay", targets: ["pgassay"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCBC", pkgConfig: "cbc", providers: [.apt(["coinor-libcbc-dev"])]),
    .systemLibrary(name: "CBZip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "CLZMA", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLZ4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CMalloc"),
    room("Model"),
    room("Bytes", ["CZlib", "CBZip2", "CLZMA", "CZstd", "CLZ4", "Model"], isHot: true),
    room("SQLText", ["CPgQuery", "Model", "Bytes"], isHot: true),
    room("Findings", ["Model"]),
    room("Sketch", ["Model"], isHot: true),
    room("ServerLog", ["Bytes", "Model", "SQLText", "Sketch"], isHot: true),
    room("Report", ["Model", "Findings"]),
    room("PrivateServer", ["Model"]),
    room("TestSupport", ["PrivateServer"]),
    room("IndexAdvisor", ["CCBC", "Model", "SQLText", "WhatIf"], isHot: true),
    room("PostgresClient", ["CLibPQ", "Model"], isHot: true),
    room("Plans", ["Model", "Findings"]),
    room("Statements", ["Model"], isHot: true),
    room("History", ["CZlib", "Model", "Sketch", "Statements", grdb], isHot: true),
    room("Catalog", ["Bytes", "CZlib", "Model", "PostgresClient"], isHot: true),
    room("IndexSize", isHot: true),
    room("PlannerTwin", ["Bytes", "Catalog", "Model", "IndexSize", "PostgresClient", "PrivateServer"], isHot: true),
    room("WhatIf", ["Bytes", "Catalog", "Model", "PlannerTwin", "PostgresClient", "SQLText"], isHot: true),
    room("Recorder", ["Bytes", "Catalog", "History", "Model", "SQLText", "Statements"]),
    room(
      "Ingest",
      ["Bytes", "Model", "SQLText", "ServerLog", "Plans", "History", "Catalog", "Recorder", "Statements"]),
    room("Comparison", ["Model"]),
    room("Review", ["Model", "Sketch", "Findings", "Plans", "History", "Comparison", "IndexAdvisor"]),
    room(
      "Digest",
      [
        "Model", "Sketch", "Statements", "History", "Findings", "Plans", "Comparison", "IndexAdvisor", "Bytes",
        "Catalog", "Report", "Review",
      ]),
    room(
      "Advice",
      ["Model", "Bytes", "Catalog", "History", "WhatIf", "PlannerTwin", "PostgresClient", "IndexAdvisor"]),
    .executableTarget(
      name: "twin-bench",
      dependencies: [
        "Advice", "Catalog", "IndexAdvisor", "Model", "PlannerTwin", "PostgresClient", "WhatIf", argumentParser,
      ],
      path: "Benchmarks/TwinBench", swiftSettings: settings),
    .executableTarget(
      name: "pgassay",
      dependencies: [
        "Advice",
        "Bytes",
        "CMalloc",
        "Catalog",
        "Digest",
        "Findings",
        "History",
        "IndexAdvisor",
        "Ingest",
        "Model",
        "PlannerTwin",
        "Plans",
        "PostgresClient",
        "PrivateServer",
        "Recorder",
        "Report",
        "SQLText",
        "ServerLog",
        "Statements",
        "WhatIf",
        argumentParser,
      ],
      swiftSettings: settings),

    .executableTarget(
      name: "history-year", dependencies: ["History", "Model", "Statements"], path: "Benchmarks/history-year",
      swiftSettings: settings),
    .executableTarget(
      name: "twin-cost",
      dependencies: ["Catalog", "Model", "PlannerTwin", "PostgresClient", "PrivateServer", "WhatIf"],
      path: "Benchmarks/twin-cost", swiftSettings: settings),

    tests(of: "Model"),
    tests(of: "Bytes"),
    tests(of: "SQLText", ["Model", "CPgQuery"]),
    tests(of: "IndexAdvisor", ["Model", "SQLText", "WhatIf"]),
    tests(
      of: "ServerLog", ["Bytes", "Model", "SQLText", "PrivateServer", "TestSupport"], resources: [.copy("Fixtures")]),
    tests(of: "Findings", ["Model"]),
    tests(of: "Sketch", ["Model"]),
    tests(of: "Report"),
    tests(of: "Comparison", ["Model"]),
    .testTarget(
      name: "TruthTests",
      dependencies: ["Advice", "Findings", "History", "IndexAdvisor", "Ingest", "Model", "Plans", "Review", "SQLText"],
      swiftSettings: settings),
    tests(of: "Review", ["Model", "Sketch", "Findings", "Plans", "History", "Comparison", "IndexAdvisor"]),
    tests(of: "Digest", ["Model", "Findings", "History", "Sketch", "Report"]),
    tests(of: "PrivateServer", ["TestSupport"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "pgassay", "history-year", "Model", "PostgresClient", "PrivateServer", "TestSupport", argumentParser, grdb,
      ],
      exclude: ["Golden"],
      swiftSettings: settings),
    tests(
      of: "Catalog", ["Bytes", "Model", "PostgresClient", "PrivateServer", "TestSupport"],
      resources: [.copy("Fixtures")]),
    tests(of: "PostgresClient", ["Model", "PrivateServer", "TestSupport"]),
    .testTarget(
      name: "PlansTests",
      dependencies: ["Plans", "Model", "Findings", "PostgresClient", "PrivateServer", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: settings),
    tests(of: "Statements", ["Model"]),
    tests(
      of: "Recorder",
      [
        "Bytes", "Catalog", "History", "Model", "PostgresClient", "PrivateServer", "SQLText", "Statements",
        "TestSupport",
      ]),
    tests(
      of: "Ingest",
      [
        "Bytes", "Catalog", "Model", "History", "PostgresClient", "PrivateServer", "Recorder", "ServerLog", "Sketch",
        "SQLText", "TestSupport", grdb,
      ]),
    tests(of: "History", ["Model", "Sketch", "Statements", grdb], resources: [.copy("Fixtures")]),
    .target(
      name: "FuzzTargets",
      dependencies: ["Bytes", "Catalog", "Model", "Plans", "SQLText", "ServerLog", "Sketch", "Statements"],
      path: "Tests/FuzzTargets", swiftSettings: settings),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets"], exclude: ["Corpus"], swiftSettings: settings),
    tests(of: "IndexSize", ["PostgresClient", "PrivateServer", "TestSupport"]),
    tests(
      of: "PlannerTwin", ["Catalog", "IndexSize", "Model", "PostgresClient", "PrivateServer", "TestSupport", "WhatIf"]),
  ],
  swiftLanguageModes: [.v6]
)

// `make fuzz` builds one more program, whose `main` is libFuzzer's; any other build could not link it.
if Context.environment["PGASSAY_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "FuzzDriver", dependencies: ["FuzzTargets"], path: "Tests/FuzzDriver",
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}
