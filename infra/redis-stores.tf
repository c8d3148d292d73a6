# Which stores exist (redis_stores) and which one the functions use (redis_kind) are two choices, so that using another
# store destroys none.

# Remembers what names the installation. Under another name, region or project all of it would be made again, and the
# stores destroyed.
resource "terraform_data" "installation" {
  input = "${var.project_id}/${var.region}/${var.name}"

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.input == "${var.project_id}/${var.region}/${var.name}"
      error_message = "This state belongs to ${self.input} (project, region, name). Another one is another installation: give it a state of its own, or destroy this one first."
    }
  }
}

# Remembers the store that this installation began with, whatever redis_kind says later.
resource "terraform_data" "first_store" {
  input = var.redis_kind

  lifecycle {
    ignore_changes = [input]
  }
}

locals {
  is_production = var.size == "production"

  stores = var.redis_stores != null ? var.redis_stores : setsubtract([terraform_data.first_store.input, var.redis_kind], ["external"])

  # A store that is still being filled, or has been left, may be destroyed; the one in use may not.
  protected_store = coalesce(var.deletion_protection, local.is_production) ? var.redis_kind : ""

  # The primary of one node, or where a cluster is discovered; the readers' endpoint refuses writes.
  valkey_connections = { for kind, it in google_memorystore_instance.this : kind => flatten(it.endpoints[*].connections[*].psc_auto_connection[*]) }
  valkey = { for kind, all in local.valkey_connections : kind => try(
    [for it in all : it if contains(["CONNECTION_TYPE_PRIMARY", "CONNECTION_TYPE_DISCOVERY"], it.connection_type)][0], all[0]
  ) }

  # Each attribute of the instance on its own: the whole object counts as secret, since its AUTH string does.
  store_endpoints = {
    instance       = { host = one(google_redis_instance.this[*].host), port = one(google_redis_instance.this[*].port) }
    cluster        = { host = one(google_redis_cluster.this[*].discovery_endpoints[0].address), port = one(google_redis_cluster.this[*].discovery_endpoints[0].port) }
    valkey         = { host = try(local.valkey["valkey"].ip_address, null), port = try(local.valkey["valkey"].port, null) }
    valkey-cluster = { host = try(local.valkey["valkey-cluster"].ip_address, null), port = try(local.valkey["valkey-cluster"].port, null) }
    external       = { host = try(var.redis_external.host, null), port = try(var.redis_external.port, null) }
  }

  store_ids = merge(
    { instance = one(google_redis_instance.this[*].id), cluster = one(google_redis_cluster.this[*].id) },
    { for kind, it in google_memorystore_instance.this : kind => it.id },
  )

  # All CAs that a store lists: a new one appears years before the old one ends.
  store_cas = {
    instance       = google_redis_instance.this[*].server_ca_certs[*].cert
    cluster        = google_redis_cluster.this[*].managed_server_ca[*].ca_certs[*].certificates
    valkey         = try(google_memorystore_instance.this["valkey"].managed_server_ca[*].ca_certs[*].certificates, [])
    valkey-cluster = try(google_memorystore_instance.this["valkey-cluster"].managed_server_ca[*].ca_certs[*].certificates, [])
  }

  is_external = var.redis_kind == "external"

  # A cluster that was made without IAM authentication keeps none.
  store_iam = {
    cluster        = one(google_redis_cluster.this[*].authorization_mode) == "AUTH_MODE_IAM_AUTH"
    valkey         = true
    valkey-cluster = true
    external       = try(var.redis_external.iam, false)
  }

  # How the functions reach the store in use.
  redis = {
    host            = local.store_endpoints[var.redis_kind].host
    port            = local.store_endpoints[var.redis_kind].port
    tls             = local.is_external ? var.redis_external.tls : true
    cluster         = local.is_external ? var.redis_external.cluster : contains(["cluster", "valkey-cluster"], var.redis_kind)
    iam             = lookup(local.store_iam, var.redis_kind, false)
    password_secret = local.is_external ? var.redis_external.password_secret : try(google_secret_manager_secret.redis["${var.redis_kind}/password"].id, null)
    ca_secret       = local.is_external ? var.redis_external.ca_secret : google_secret_manager_secret.redis["${var.redis_kind}/ca"].id
  }
}

# Terraform removes this first of all that a store has. Without it a plan that takes the store in use away would destroy
# its secrets and roles, and only then meet the protection of the store itself.
resource "terraform_data" "guard" {
  for_each = local.stores

  input = each.key == local.protected_store ? "protected" : "free"

  provisioner "local-exec" {
    when    = destroy
    command = self.input == "protected" ? "echo The store in use is protected: name it in redis_stores, or set deletion_protection = false and apply. && exit 1" : "exit 0"
    quiet   = true
  }

  depends_on = [
    google_redis_instance.this, google_redis_cluster.this, google_memorystore_instance.this, google_project_iam_member.connects,
    google_secret_manager_secret.redis, google_secret_manager_secret_version.redis, google_secret_manager_secret_iam_member.reader,
  ]
}

check "stores_in_use" {
  assert {
    condition     = length(setsubtract(local.stores, [var.redis_kind])) == 0
    error_message = "These stores exist, cost money and are not in use: ${join(", ", setsubtract(local.stores, [var.redis_kind]))}. Once their data is copied, name in redis_stores only what stays: the others are destroyed."
  }
}
