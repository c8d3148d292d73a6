# README.md has a line for each alert that says what to do. The text here is its short form.
locals {
  of_functions = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = one_of(\"${join("\", \"", keys(local.functions))}\")"
  requests     = "${local.of_functions} AND metric.type = \"run.googleapis.com/request_count\""
  # Leaves out two functions: an event stream lasts as long as its client stays, a refresh as long as the feed takes.
  latencies = "metric.type = \"run.googleapis.com/request_latencies\" AND resource.type = \"cloud_run_revision\" AND resource.labels.service_name = one_of(\"${join("\", \"", setsubtract(keys(local.functions), ["bitcoin-events", "refresh"]))}\")"
}

resource "google_monitoring_alert_policy" "redis_memory" {
  count = local.is_external ? 0 : 1

  display_name          = "${var.name} redis-memory"
  combiner              = "OR"
  notification_channels = google_monitoring_notification_channel.email[*].id

  conditions {
    display_name = "Redis's memory has been over 80 % full for 10 minutes"
    condition_threshold {
      filter          = local.redis_filters.memory
      comparison      = "COMPARISON_GT"
      threshold_value = 0.8
      duration        = "600s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_MEAN"
        cross_series_reducer = "REDUCE_MAX"
      }
    }
  }

  documentation {
    content = "A full store evicts keys with an expiry, then refuses writes with 503. Make the store larger, or shorten SAMPLE_RETENTION_DAYS and the cache entries' ttl_seconds."
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "refresh" {
  display_name          = "${var.name} refresh"
  combiner              = "OR"
  notification_channels = google_monitoring_notification_channel.email[*].id

  conditions {
    display_name = "no refresh has succeeded for 10 minutes"
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
    content = "Cloud Scheduler's log has the response status: 403 means that it may not call the function, 502 and 504 the feed, 503 Redis."
  }

  depends_on = [google_project_service.this]
}
