extension MessageTable {
  static let georgian = MessageTable(
    language: "ka",
    severities: [
      ("ჟურნალი", .log),
      ("შეცდომა", .error),
      ("გაფრთხილება", .warning),
      ("ფატალური", .fatal),
      ("პანიკა", .panic),
      ("გაფრთხილება", .notice),
      ("ინფორმაცია", .info),
      ("გამართვა", .debug),
    ],
    parts: [
      ("დეტალები:  ", .detail),
      ("ოპერატორი:  ", .statement),
      ("კონტექსტი:  ", .context),
      ("მინიშნება:  ", .hint),
      ("მოთხოვნა:  ", .query),
      ("მდებარეობა:   ", .location),
      ("სტეკი:  ", .backtrace),
    ],
    durations: [
      ("ხანგრძლივობა: ", " მწმ  გამოსახულება: ", .statement, nil),
      ("ხანგრძლივობა: ", " მწმ  ", .parse, "-ის დამუშავება: "),
      ("ხანგრძლივობა: ", " მწმ  მიბმა ", .bind, ": "),
      ("ხანგრძლივობა: ", " მწმs  გაშვება ", .execute, ": "),
      ("ხანგრძლივობა: ", " მწმs  execute fetch from ", .execute, ": "),
      ("duration: ", " ms  fastpath function call: \"", .fastpath, nil),
      ("ხანგრძლივობა: ", " მწმ", .bareDuration, nil),
    ],
    starts: [
      ("ოპერატორი: ", .statementStart, nil),
      ("გაშვება ", .executeStart, ": "),
      ("execute fetch from ", .executeStart, ": "),
    ],
    parameters: ["პარამეტრები: "], unknown: "[უცნობი]", atCharacter: (" სიმბოლოსთან ", ""),
    translations: [
      ("დროებითი ფაილი: ბილიკი \"%s\", ზომა %lu", "temporary file: path \"%s\", size %lu"),
      ("ნაპოვნია ურთიერთბლოკირება", "deadlock detected"),
      ("გამოსახულება გაუქმდება ბლოკის მოლოდინის ვადის ამოწურვის გამო", "canceling statement due to lock timeout"),
      ("გამოსახულების გაუქმება აღდგენასთან კონფლიქტის გამო", "canceling statement due to conflict with recovery"),
      ("მიერთების შეწყვეტა აღდგენასთან კონფლიქტის გამო", "terminating connection due to conflict with recovery"),
      ("მიერთების შეწყვეტა ადმინისტრატორის ბრძანების გამო", "terminating connection due to administrator command"),
      ("ავტომომტვერსასრუტების ამოცანის გაუქმება", "canceling autovacuum task"),
      ("შემოსული დაკავშირება: ჰოსტი=%s პორტი=%s", "connection received: host=%s port=%s"),
      ("შემოსული დაკავშირება: ჰოსტი=%s", "connection received: host=%s"),
      (
        "მიერთება ავთენტიფიცირებულია: იდენტიფიკატორი=\"%s\" მეთოდი=%s (%s:%d)",
        "connection authenticated: identity=\"%s\" method=%s (%s:%d)"
      ),
      ("შეერთება ავტორიზებულია: მომხმარებელი=%s", "connection authorized: user=%s"),
      (
        "ცხრილის (\"%s.%s.%s\") ავტომატური მომტვერსასრუტება: ინდექსების სკანირება: %d\n",
        "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "ცხრილის (\"%s.%s.%s\") ავტომატური აგრესიული მომტვერსასრუტება: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "ჩაციკვლის თავიდან ასაცილებლად ავტომატური მომტვერსასრუტება ცხრილისთვის \"%s.%s.%s\": ინდექსის სკანირების რიცხვი: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "ჩაციკვლის თავიდან ასაცილებლად ავტომატური აგრესიული მომტვერსასრუტება ცხრილისთვის \"%s.%s.%s\": ინდექსის სკანირების რიცხვი: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("ცხრილის ავტომატური ანალიზი \"%s.%s.%s\"\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      ("მონაცემთა ბაზის სისტემა მზადაა შეერთებების მისაღებად", "database system is ready to accept connections"),
      ("მონაცემთა ბაზა შეწყვეტილია; ბოლოს ჩართული იყო: %s", "database system was interrupted; last known up at %s"),
      ("სერვერის სხვა დანარჩენი აქტიური პროცესები შეჩერდება", "terminating any other active server processes"),
      ("%s (PID %d) დასრულდა სიგნალით: %d: %s", "%s (PID %d) was terminated by signal %d: %s"),
      ("პაროლით ავთენტიფიკაცია მომხმარებლისთვის \"%s\" ვერ მოხერხდა", "password authentication failed for user \"%s\""),
      (
        "ბაზა \"%s\" ტრანზაქციაში %u უნდა მომტვერსასრუტდეს",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "ბაზა ბრძანებებს არ იღებს, რათა თავიდან აიცილოს ჩაციკვლით მონაცემების კარგვა ბაზისთვის \"%s\"",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "ბაზა ბრძანებებს არ იღებს, რათა თავიდან აიცილოს ჩაციკვლით მონაცემების კარგვა ბაზისთვის OID-ით %u",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "ბაზა \"%u\" %u ტრანზაქციის განმავლობაში უნდა მომტვერსასრუტდეს",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "pg_hba.conf-ში ჩანაწერი ჰოსტისთვის \"%s\" მომხმარებელი \"%s\", ბაზა \"%s\", %s აღმოჩენილი არაა",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "pg_hba.conf-ში ჩანაწერი რეპლიკაციის შეერთების შესახებ ჰოსტიდან \"%s\" მომხმარებელი \"%s\", %s აღმოჩენილი არაა",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "როლი არ არსებობს: \"%s\"",
        "role \"%s\" does not exist"
      ),
      (
        "როლს შესვლის უფლება არ აქვს: %s",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}
