locals {
  # A cluster has no AUTH string.
  secrets = local.is_cluster ? toset(["ca"]) : toset(["ca", "password"])

  secret_values = {
    ca       = join("\n", local.redis_cas)
    password = one(google_redis_instance.this[*].auth_string)
  }

  secret_readers = {
    for pair in setproduct(keys(local.functions), local.secrets) :
    "${pair[0]}/${pair[1]}" => { function = pair[0], secret = pair[1] }
  }
}

resource "google_secret_manager_secret" "redis" {
  for_each = local.secrets

  secret_id = "${var.name}-redis-${each.key}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.this]
}

# After a rotation of AUTH, the next apply adds a version; functions read `latest` when Redis refuses the old one.
resource "google_secret_manager_secret_version" "redis" {
  for_each = local.secrets

  secret      = google_secret_manager_secret.redis[each.key].id
  secret_data = local.secret_values[each.key]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secret_readers

  secret_id = google_secret_manager_secret.redis[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}
