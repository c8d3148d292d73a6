resource "google_cloud_scheduler_job" "refresh" {
  name        = "${var.name}-refresh"
  description = "Fetches the feed's new rows"
  region      = var.region
  schedule    = "* * * * *"
  time_zone   = "Etc/UTC"

  # Three attempts of 15 s with pauses of 5 and 10 s fit into a minute. A run that lasts longer makes Scheduler skip the
  # next. After a timeout the function keeps working, and the next attempt gets 202, which counts as success.
  attempt_deadline = "15s"

  retry_config {
    retry_count          = 2
    min_backoff_duration = "5s"
    max_backoff_duration = "10s"
    max_doublings        = 1
  }

  http_target {
    http_method = "POST"
    uri         = "${local.urls["refresh"]}/refresh"

    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = local.urls["refresh"]
    }
  }

  depends_on = [google_project_service.this, google_cloud_run_v2_service_iam_member.scheduler]
}
