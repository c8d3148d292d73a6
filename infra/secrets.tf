locals {
  # Each store has its own secrets, so one store can be removed without touching another's. Only the instance has an
  # AUTH string; the other stores use IAM.
  secrets = {
    for pair in concat([for kind in local.stores : [kind, "ca"]], [for kind in setintersection(local.stores, ["instance"]) : [kind, "password"]]) :
    join("/", pair) => { kind = pair[0], what = pair[1] }
  }

  external_secrets = { for what, id in { password = try(var.redis_external.password_secret, null), ca = try(var.redis_external.ca_secret, null) } : "external/${what}" => id if id != null }

  secret_readers = {
    for pair in setproduct(keys(local.functions), concat(keys(local.secrets), keys(local.external_secrets))) :
    "${pair[0]}/${pair[1]}" => { function = pair[0], secret = pair[1] }
  }
}

resource "google_secret_manager_secret" "redis" {
  for_each = local.secrets

  secret_id = "${var.name}-${each.value.kind}-${each.value.what}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.this]
}

# The apply after an AUTH rotation adds a version. When Redis refuses the old password, the functions read `latest`.
resource "google_secret_manager_secret_version" "redis" {
  for_each = local.secrets

  secret      = google_secret_manager_secret.redis[each.key].id
  secret_data = each.value.what == "ca" ? join("\n", flatten(local.store_cas[each.value.kind])) : one(google_redis_instance.this[*].auth_string)
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secret_readers

  secret_id = startswith(each.value.secret, "external/") ? local.external_secrets[each.value.secret] : google_secret_manager_secret.redis[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}

locals {
  # Memorystore's stores have no IAM policies of their own, so the role is granted on the project, with a condition that
  # limits it to one store.
  connections = merge({
    cluster = { role = "roles/redis.dbConnectionUser", resource = "projects/${var.project_id}/locations/${var.region}/clusters/${var.name}" }
    }, { for kind in ["valkey", "valkey-cluster"] : kind => {
      role     = "roles/memorystore.dbConnectionUser"
      resource = "projects/${var.project_id}/locations/${var.region}/instances/${var.name}-${kind}"
  } })

  connectors = {
    for pair in setproduct(keys(local.functions), setintersection(local.stores, keys(local.connections))) :
    "${pair[0]}/${pair[1]}" => merge(local.connections[pair[1]], { function = pair[0], kind = pair[1] })
  }
}

resource "google_project_iam_member" "connects" {
  for_each = local.connectors

  project = var.project_id
  role    = each.value.role
  member  = google_service_account.function[each.value.function].member

  condition {
    title      = "Only ${var.name}'s ${each.value.kind}"
    expression = "resource.name == \"${each.value.resource}\""
  }
}
