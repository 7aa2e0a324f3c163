extension HTMLReport {
  func render(_ chart: Chart, to html: inout HTMLOutput) {
    html.element("figure", ["class": "chart"]) { html in
      html.element("figcaption") { html in
        html.element("strong", text: chart.title)
        html.write(" ")
        html.element("span", text: chart.summary)
        if case .time(let series) = chart.kind, series.lines.count > 1 {
          html.element("span", ["class": "legend"]) { html in
            for line in series.lines {
              html.element("span", ["class": line.isComparison ? "before" : "now"], text: line.name)
            }
          }
        }
      }
      switch chart.kind {
      case .time(let series): render(series, title: chart.title + ": " + chart.summary, to: &html)
      case .distribution(let distribution):
        render(distribution, title: chart.title + ": " + chart.summary, to: &html)
      }
    }
  }

  private func render(_ series: Chart.TimeSeries, title: String, to html: inout HTMLOutput) {
    let highest = series.lines.flatMap(\.values).compactMap { $0 }.filter(\.isFinite).max() ?? 0
    // A target far above everything would press the line to the ground: it is then named only.
    let limit = series.limit.map { $0 <= highest * 4 ? $0 : 0 } ?? 0
    let top = SVGChart.roundTop(max(highest, limit), series.unit)
    html.element("div", ["class": "plot"]) { html in
      html.element("div", ["class": "y", "aria-hidden": "true"]) { html in
        for value in [top, top / 2, 0] { html.element("span", text: Quantity(value, series.unit).description) }
      }
      frame(title: title, to: &html) { $0.raw(SVGChart.plot(series, top: top)) }
      html.element("div", ["class": "x", "aria-hidden": "true"]) { html in
        for label in series.labels { html.element("span", text: label) }
      }
    }
  }

  private func render(_ distribution: Chart.Distribution, title: String, to html: inout HTMLOutput) {
    html.element("div", ["class": "plot bars"]) { html in
      frame(title: title, to: &html) { $0.raw(SVGChart.bars(distribution)) }
      html.element("div", ["class": "x", "aria-hidden": "true"]) { html in
        let buckets = distribution.buckets
        guard let first = buckets.first, let last = buckets.last else { return }
        // The ends, and what lies in the middle between them.
        html.element("span", text: Quantity(first.lower, distribution.unit).description)
        if buckets.count > 2, buckets.count % 2 == 0 {
          html.element("span", text: Quantity(buckets[buckets.count / 2].lower, distribution.unit).description)
        }
        html.element("span", text: Quantity(last.upper, distribution.unit).description)
      }
    }
  }

  private func frame(title: String, to html: inout HTMLOutput, _ body: (inout HTMLOutput) -> Void) {
    html.element(
      "svg", ["viewBox": "0 0 1000 200", "preserveAspectRatio": "none", "role": "img"]
    ) { html in
      html.element("title", text: title)
      body(&html)
    }
  }
}
