resource "google_monitoring_notification_channel" "email" {
  count = var.alert_email == null ? 0 : 1

  display_name = var.name
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.this]
}

locals {
  # Cloud Run's probes check only /health. These checks also reach Redis, from outside.
  uptime_checks = {
    ready = { function = "is-bitcoin-lit", path = "/ready", period = "60s", field = "$.status", value = "\"ready\"" }
    fresh = { function = "is-bitcoin-lit", path = "/is-bitcoin-lit", period = "300s", field = "$.stale", value = "false" }
  }

  uptime_meaning = {
    ready = "The functions cannot reach Redis. A failover ends within 30 seconds. If it lasts longer, run `npm run doctor`."
    fresh = "The newest sample is over 10 minutes old, or there is none. Read the log of the function refresh."
  }
}

resource "google_monitoring_uptime_check_config" "this" {
  for_each = local.uptime_checks

  display_name = "${var.name} ${each.key}"
  period       = each.value.period
  timeout      = "10s"

  http_check {
    path         = each.value.path
    port         = 443
    use_ssl      = true
    validate_ssl = true
    headers      = merge({ Accept = "application/json" }, local.has_domain ? { x-revision = "${each.value.function}/live" } : {})
  }

  content_matchers {
    content = each.value.value
    matcher = "MATCHES_JSON_PATH"
    json_path_matcher {
      json_path    = each.value.field
      json_matcher = "EXACT_MATCH"
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project_id
      host       = local.has_domain ? var.domain : trimprefix(local.urls[each.value.function], "https://")
    }
  }

  lifecycle {
    # Google refuses to delete a check that an alert still uses.
    create_before_destroy = true
  }
}

resource "google_monitoring_alert_policy" "uptime" {
  for_each = google_monitoring_uptime_check_config.this

  display_name          = each.value.display_name
  combiner              = "OR"
  notification_channels = google_monitoring_notification_channel.email[*].id
  # SentiCrypt's feed is no longer updated, so its data is always old and this alert would never end.
  enabled = each.key == "ready" || var.feed != "senticrypt"

  conditions {
    display_name = "fails from more than one location"
    condition_threshold {
      filter          = "resource.type = \"uptime_url\" AND metric.type = \"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id = \"${each.value.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"
      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  documentation {
    content = local.uptime_meaning[each.key]
  }
}
