mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id          = "demo-project"
  deletion_protection = false
}

run "slos_cover_public_and_private_functions" {
  assert {
    condition     = toset(keys(google_monitoring_slo.this)) == toset(["availability", "latency", "private-availability"])
    error_message = "There must be SLOs for availability and latency of the public functions, and availability of the private ones."
  }
  assert {
    condition     = strcontains(google_monitoring_slo.this["availability"].request_based_sli[0].good_total_ratio[0].bad_service_filter, "one_of(\"bitcoin-events\", \"docs\", \"is-bitcoin-lit\")")
    error_message = "The availability SLO must cover exactly the public functions."
  }
  assert {
    condition     = google_monitoring_slo.this["latency"].request_based_sli[0].distribution_cut[0].range[0].max == 1000 && !strcontains(google_monitoring_slo.this["latency"].request_based_sli[0].distribution_cut[0].distribution_filter, "bitcoin-events")
    error_message = "The latency SLO must be one second, without event streams."
  }
  assert {
    condition     = length(google_monitoring_alert_policy.burn) == 6 && alltrue([for it in google_monitoring_alert_policy.burn : it.combiner == "AND" && length(it.conditions) == 2])
    error_message = "Each SLO must have a fast and a slow alert, each with a long and a short window."
  }
}

run "every_alert_has_a_line_in_the_runbook" {
  command = plan
  assert {
    condition     = alltrue([for key in concat(keys(local.burn_alerts), keys(local.uptime_checks), ["redis-memory", "refresh"]) : strcontains(file("${path.module}/README.md"), "| `${key}` |")])
    error_message = "README.md must have a line for every alert."
  }
}

run "a_frozen_feed_raises_no_alert" {
  command = plan
  assert {
    condition     = !google_monitoring_alert_policy.uptime["fresh"].enabled && google_monitoring_alert_policy.uptime["ready"].enabled
    error_message = "SentiCrypt's data is always old, so its alert must be off, and the other one on."
  }
}

run "a_live_feed_is_watched" {
  command = plan
  variables {
    feed = "kraken"
  }
  assert {
    condition     = google_monitoring_alert_policy.uptime["fresh"].enabled
    error_message = "Kraken's data is live, so its alert must be on."
  }
}

run "alerts_are_sent_by_email" {
  command = plan
  variables {
    alert_email = "ops@example.com"
  }
  assert {
    condition     = length(google_monitoring_notification_channel.email) == 1
    error_message = "There must be one notification channel."
  }
}

run "an_external_store_has_no_metrics" {
  command   = plan
  state_key = "external"
  variables {
    redis_kind     = "external"
    redis_external = { host = "redis.example.com" }
  }
  assert {
    condition     = length(google_monitoring_alert_policy.redis_memory) == 0 && !strcontains(google_monitoring_dashboard.this.dashboard_json, "Redis:")
    error_message = "Cloud Monitoring has no metrics of an external store, so there must be no alert and no charts."
  }
}
