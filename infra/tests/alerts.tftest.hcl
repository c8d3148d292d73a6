mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id          = "demo-project"
  deletion_protection = false
}

run "promises_are_kept_for_public_functions_and_watched_for_all" {
  assert {
    condition     = toset(keys(google_monitoring_slo.this)) == toset(["availability", "latency", "private-availability"])
    error_message = "Availability and latency of the public functions, availability of the private ones."
  }
  assert {
    condition     = strcontains(google_monitoring_slo.this["availability"].request_based_sli[0].good_total_ratio[0].bad_service_filter, "one_of(\"bitcoin-events\", \"docs\", \"is-bitcoin-lit\")")
    error_message = "The public functions, and no other."
  }
  assert {
    condition     = google_monitoring_slo.this["latency"].request_based_sli[0].distribution_cut[0].range[0].max == 1000 && !strcontains(google_monitoring_slo.this["latency"].request_based_sli[0].distribution_cut[0].distribution_filter, "bitcoin-events")
    error_message = "Within a second; a stream has no latency."
  }
  assert {
    condition     = length(google_monitoring_alert_policy.burn) == 6 && alltrue([for it in google_monitoring_alert_policy.burn : it.combiner == "AND" && length(it.conditions) == 2])
    error_message = "Each promise has a fast and a slow alert, over a long and a short window."
  }
}

run "every_alert_has_a_line_in_the_runbook" {
  command = plan
  assert {
    condition     = alltrue([for key in concat(keys(local.burn_alerts), keys(local.uptime_checks), ["redis-memory", "refresh"]) : strcontains(file("${path.module}/README.md"), "| `${key}` |")])
    error_message = "README.md lacks a line for an alert."
  }
}

run "a_frozen_feed_raises_no_alert" {
  command = plan
  assert {
    condition     = !google_monitoring_alert_policy.uptime["fresh"].enabled && google_monitoring_alert_policy.uptime["ready"].enabled
    error_message = "SentiCrypt's data is always old."
  }
}

run "a_live_feed_is_watched" {
  command = plan
  variables {
    feed = "kraken"
  }
  assert {
    condition     = google_monitoring_alert_policy.uptime["fresh"].enabled
    error_message = "Kraken's data should be fresh."
  }
}

run "alerts_go_where_they_are_read" {
  command = plan
  variables {
    alert_email = "ops@example.com"
  }
  assert {
    condition     = length(google_monitoring_notification_channel.email) == 1
    error_message = "By e-mail."
  }
}

run "an_external_store_has_no_figures_here" {
  command   = plan
  state_key = "external"
  variables {
    redis_kind     = "external"
    redis_external = { host = "redis.example.com" }
  }
  assert {
    condition     = length(google_monitoring_alert_policy.redis_memory) == 0 && !strcontains(google_monitoring_dashboard.this.dashboard_json, "Redis:")
    error_message = "Cloud Monitoring knows nothing of it."
  }
}
