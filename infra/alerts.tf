locals {
  of_functions = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = one_of(\"${join("\", \"", keys(local.functions))}\")"
  requests     = "${local.of_functions} AND metric.type = \"run.googleapis.com/request_count\""
  # An event stream lasts as long as its reader stays, a refresh as long as the feed takes.
  latencies = "metric.type = \"run.googleapis.com/request_latencies\" AND resource.type = \"cloud_run_revision\" AND resource.labels.service_name = one_of(\"${join("\", \"", setsubtract(keys(local.functions), ["bitcoin-events", "refresh"]))}\")"


  thresholds = merge({
    latency = {
      filter    = local.latencies
      aligner   = "ALIGN_PERCENTILE_95"
      reducer   = "REDUCE_MAX"
      above     = 1000
      condition = "95 in 100 answers take up to over a second, for 10 minutes"
      meaning   = "Compare Redis's CPU and the functions' instance count on the dashboard; a capped function queues."
    }
    }, local.is_external ? {} : {
    redis-memory = {
      filter    = local.redis_filters.memory
      aligner   = "ALIGN_MEAN"
      reducer   = "REDUCE_MAX"
      above     = 0.8
      condition = "Redis's memory is over 80 % full, for 10 minutes"
      meaning   = "When it is full, entries with an expiry are dropped, then writes are refused with 503. Raise redis_memory_gb, or shorten SAMPLE_RETENTION_DAYS and the entries' ttl_seconds."
    }
  })
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.thresholds

  display_name          = "${var.name} ${each.key}"
  combiner              = "OR"
  notification_channels = google_monitoring_notification_channel.email[*].id

  conditions {
    display_name = each.value.condition
    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = "600s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }
    }
  }

  documentation {
    content = each.value.meaning
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "errors" {
  display_name          = "${var.name} errors"
  combiner              = "OR"
  notification_channels = google_monitoring_notification_channel.email[*].id

  conditions {
    display_name = "over 5 % of a function's answers are 5xx, for 5 minutes"
    condition_threshold {
      filter             = "${local.requests} AND metric.labels.response_code_class = \"5xx\""
      denominator_filter = local.requests
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.05
      duration           = "300s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }
      denominator_aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }
    }
  }

  documentation {
    content = "503 is Redis away, 502 and 504 the feed, 500 a fault: Error Reporting has its stack."
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "refresh" {
  display_name          = "${var.name} refresh"
  combiner              = "OR"
  notification_channels = google_monitoring_notification_channel.email[*].id

  conditions {
    display_name = "no refresh succeeded for 10 minutes"
    condition_absent {
      filter   = "resource.type = \"cloud_run_revision\" AND metric.type = \"run.googleapis.com/request_count\" AND resource.labels.service_name = \"refresh\" AND metric.labels.response_code_class = \"2xx\""
      duration = "600s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "Cloud Scheduler's log tells the status it got: 403 is a missing right to invoke, 502 and 504 the feed, 503 Redis."
  }

  depends_on = [google_project_service.this]
}
