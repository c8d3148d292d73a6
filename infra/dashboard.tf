locals {
  redis_label = local.is_cluster ? "cluster_id" : "node_id"
  of_redis    = local.is_cluster ? "resource.type = \"redis.googleapis.com/Cluster\"" : "resource.type = \"redis_instance\""

  charts = [
    { title = "Requests per second", by = "service_name", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", filter = local.requests },
    { title = "Answers 5xx per second", by = "service_name", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", filter = "${local.requests} AND metric.labels.response_code_class = \"5xx\"" },
    { title = "Latency of 95 in 100 answers, ms", by = "service_name", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", filter = local.latencies },
    { title = "Instances", by = "service_name", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", filter = "${local.of_functions} AND metric.type = \"run.googleapis.com/container/instance_count\"" },
    { title = "Redis: share of memory in use", by = local.redis_label, aligner = "ALIGN_MEAN", reducer = "REDUCE_MAX", filter = local.memory_metric },
    { title = "Redis: connected clients", by = local.redis_label, aligner = "ALIGN_MEAN", reducer = "REDUCE_SUM", filter = "${local.of_redis} AND metric.type = \"redis.googleapis.com/${local.is_cluster ? "cluster/clients/total_connected_clients" : "clients/connected"}\"" },
    { title = "Redis: commands per second", by = local.redis_label, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", filter = "${local.of_redis} AND metric.type = \"redis.googleapis.com/${local.is_cluster ? "cluster/commandstats/total_calls_count" : "commands/calls"}\"" },
    { title = "Redis: evicted keys per second", by = local.redis_label, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", filter = "${local.of_redis} AND metric.type = \"redis.googleapis.com/${local.is_cluster ? "cluster/stats/total_evicted_keys_count" : "stats/evicted_keys"}\"" },
  ]
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = var.name
    gridLayout = {
      columns = "2"
      widgets = [
        for chart in local.charts : {
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
