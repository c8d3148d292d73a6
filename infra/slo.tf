locals {
  names = {
    public  = [for name, it in local.functions : name if it.access == "public"]
    private = [for name, it in local.functions : name if it.access == "private" && name != "refresh"]
    # An event stream lasts as long as its client stays, so it has no latency.
    answering = [for name, it in local.functions : name if it.access == "public" && name != "bitcoin-events"]
  }
  slo_filters = { for group, names in local.names : group => "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = one_of(\"${join("\", \"", names)}\")" }

  # The share of requests that must succeed over 28 days.
  slos = {
    availability         = { goal = 0.999, group = "public", max_ms = null, promise = "public functions answer without a 5xx", meaning = "503: Redis is unreachable. 502 and 504: the feed failed. 500: a bug, whose stack is in Error Reporting." }
    private-availability = { goal = 0.999, group = "private", max_ms = null, promise = "private functions answer without a 5xx", meaning = "503: Redis is unreachable or full. 500: a bug, whose stack is in Error Reporting." }
    latency              = { goal = 0.99, group = "answering", max_ms = 1000, promise = "public functions answer within a second", meaning = "Compare the functions' instance counts with max_instances: a function at its cap queues requests. Then check Redis's CPU." }
  }

  # The burn rates that raise an alert: 2 % of the 28-day error budget in an hour, or 5 % in six. The short window ends
  # the alert soon after its cause has ended.
  burns = {
    fast = { rate = 13.4, long = "3600s", short = "300s", severity = "CRITICAL" }
    slow = { rate = 5.6, long = "21600s", short = "1800s", severity = "WARNING" }
  }

  burn_alerts = merge([for slo, it in local.slos : { for speed, burn in local.burns : "${slo}-${speed}" => merge(it, burn, { slo = slo, speed = speed }) }]...)
}

resource "google_monitoring_custom_service" "functions" {
  service_id   = var.name
  display_name = var.name

  depends_on = [google_project_service.this]
}

resource "google_monitoring_slo" "this" {
  for_each = local.slos

  service             = google_monitoring_custom_service.functions.service_id
  slo_id              = each.key
  display_name        = "${each.value.goal * 100} % of requests: ${each.value.promise}"
  goal                = each.value.goal
  rolling_period_days = 28

  request_based_sli {
    dynamic "good_total_ratio" {
      for_each = each.value.max_ms == null ? ["metric.type = \"run.googleapis.com/request_count\" AND ${local.slo_filters[each.value.group]}"] : []
      content {
        total_service_filter = good_total_ratio.value
        bad_service_filter   = "${good_total_ratio.value} AND metric.labels.response_code_class = \"5xx\""
      }
    }
    dynamic "distribution_cut" {
      for_each = each.value.max_ms == null ? [] : ["metric.type = \"run.googleapis.com/request_latencies\" AND ${local.slo_filters[each.value.group]}"]
      content {
        distribution_filter = distribution_cut.value
        range {
          min = 0
          max = each.value.max_ms
        }
      }
    }
  }
}

resource "google_monitoring_alert_policy" "burn" {
  for_each = local.burn_alerts

  display_name          = "${var.name} ${each.key}"
  combiner              = "AND"
  severity              = each.value.severity
  notification_channels = google_monitoring_notification_channel.email[*].id

  dynamic "conditions" {
    for_each = [each.value.long, each.value.short]
    content {
      display_name = "the error budget burns ${each.value.rate} times too fast, over ${conditions.value}"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${google_monitoring_slo.this[each.value.slo].name}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }

  documentation {
    content = each.value.meaning
  }
}
