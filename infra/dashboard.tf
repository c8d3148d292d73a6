locals {
  charts = [
    { title = "Requests per second", by = "service_name", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", filter = local.requests },
    { title = "5xx responses per second", by = "service_name", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", filter = "${local.requests} AND metric.labels.response_code_class = \"5xx\"" },
    { title = "Latency, 95th percentile, ms", by = "service_name", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", filter = local.latencies },
    { title = "Instances", by = "service_name", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", filter = "${local.of_functions} AND metric.type = \"run.googleapis.com/container/instance_count\"" },
  ]

  redis_charts = local.is_external ? [] : [
    { title = "Redis: memory in use", by = local.redis_metrics.label, aligner = "ALIGN_MEAN", reducer = "REDUCE_MAX", filter = local.redis_filters.memory },
    { title = "Redis: connected clients", by = local.redis_metrics.label, aligner = "ALIGN_MEAN", reducer = "REDUCE_SUM", filter = local.redis_filters.clients },
    { title = "Redis: commands per second", by = local.redis_metrics.label, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", filter = local.redis_filters.commands },
    { title = "Redis: evicted keys per second", by = local.redis_metrics.label, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", filter = local.redis_filters.evicted },
  ]
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = var.name
    gridLayout = {
      columns = "2"
      widgets = [
        for chart in concat(local.charts, local.redis_charts) : {
          title = chart.title
          xyChart = {
            dataSets = [{
              timeSeriesQuery = {
                timeSeriesFilter = {
                  filter = chart.filter
                  aggregation = {
                    alignmentPeriod    = "60s"
                    perSeriesAligner   = chart.aligner
                    crossSeriesReducer = chart.reducer
                    groupByFields      = ["resource.label.${chart.by}"]
                  }
                }
              }
            }]
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.this]
}
