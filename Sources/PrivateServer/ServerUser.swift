import Glibc

/// The user that a private server runs as: ourselves, or, when root starts it, a user without rights.
///
/// Root gives each server a user of its own (`alone`), which is nothing but a number: no other process has it, so none can
/// reach the server's socket, files and memory but root. `initdb` alone asks for a user with a name.
///
/// `nobody` is taken before `postgres`: a server that is handed a schema written elsewhere must not run as the user that
/// owns this machine's real databases.
struct ServerUser: Sendable, Hashable {
  var name: String
  var uid: uid_t
  var gid: gid_t
  /// What stands before a command so that it runs as this user; empty when we are this user.
  var prefix: [String]

  var isOther: Bool { !prefix.isEmpty }

  /// A user that no process but one server has; the same user again where there is no such number to be had.
  func alone() -> ServerUser {
    guard isOther, prefix.first?.hasSuffix("/setpriv") == true,
      let number = Self.freeNumbers.lazy.map({ UInt32.random(in: $0) }).first(where: Self.isMapped)
    else { return self }
    return Self.numbered("uid \(number)", uid: number, gid: number, program: prefix[0])
  }

  /// Numbers that are nobody's by the conventions of Linux distributions, for a whole machine and for a container that has
  /// 16 bits of them. Source: systemd, "Users, Groups, UIDs and GIDs on systemd Systems".
  private static let freeNumbers: [ClosedRange<UInt32>] = [1_879_048_192...2_147_352_575, 65_520...65_533]

  /// Whether a number means something in our user namespace (user_namespaces(7)).
  private static func isMapped(_ number: UInt32) -> Bool {
    ["uid_map", "gid_map"].allSatisfy { name in
      guard let text = FileTree.contents(of: "/proc/self/" + name) else { return false }
      return text.split(separator: "\n").contains { line in
        let fields = line.split(separator: " ").compactMap { UInt64($0) }
        return fields.count == 3 && (fields[0]..<fields[0] + fields[2]).contains(UInt64(number))
      }
    }
  }

  private static func numbered(_ name: String, uid: uid_t, gid: gid_t, program: String) -> ServerUser {
    ServerUser(
      name: name, uid: uid, gid: gid,
      prefix: [
        program, "--reuid=\(uid)", "--regid=\(gid)", "--clear-groups", "--inh-caps=-all", "--no-new-privs", "--",
      ])
  }

  static func current() throws(PrivateServerError) -> ServerUser {
    let uid = geteuid()
    guard uid == 0 else { return ServerUser(name: "uid \(uid)", uid: uid, gid: getegid(), prefix: []) }
    for name in ["nobody", "postgres"] {
      guard let entry = getpwnam(name), entry.pointee.pw_uid != 0 else { continue }
      let (uid, gid) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
      for program in ["/usr/bin/setpriv", "/bin/setpriv"] where access(program, X_OK) == 0 {
        return numbered(name, uid: uid, gid: gid, program: program)
      }
      for program in ["/usr/sbin/runuser", "/sbin/runuser"] where access(program, X_OK) == 0 {
        return ServerUser(name: name, uid: uid, gid: gid, prefix: [program, "-u", name, "--"])
      }
      throw .cannotDropRights("neither setpriv nor runuser (Debian package util-linux) is here to become \(name)")
    }
    throw .cannotDropRights("there is neither a user nobody nor a user postgres to become")
  }

  /// Whether this user can enter and read the directory: what `stat` says of it and of each directory above it.
  func canRead(directory: String) -> Bool {
    guard let resolved = realpath(directory, nil) else { return false }
    defer { free(resolved) }
    var path = String(cString: resolved)
    var isLast = true
    while true {
      var info = stat()
      guard stat(path, &info) == 0 else { return false }
      let wanted: mode_t = isLast ? 0o5 : 0o1
      let shift: mode_t = info.st_uid == uid ? 6 : info.st_gid == gid ? 3 : 0
      guard (info.st_mode >> shift) & wanted == wanted else { return false }
      if path == "/" { return true }
      path = parent(of: path)
      isLast = false
    }
  }

  private func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
