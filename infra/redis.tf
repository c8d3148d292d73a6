locals {
  is_production = var.size == "production"
  is_cluster    = var.redis_kind == "cluster"
  is_protected  = coalesce(var.deletion_protection, local.is_production)
}

resource "google_redis_instance" "this" {
  count = local.is_cluster ? 0 : 1

  name           = var.name
  region         = var.region
  tier           = local.is_production ? "STANDARD_HA" : "BASIC"
  memory_size_gb = var.redis_memory_gb
  redis_version  = "REDIS_7_2"

  authorized_network      = google_compute_network.this.id
  connect_mode            = "PRIVATE_SERVICE_ACCESS"
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"

  redis_configs = {
    "maxmemory-policy" = var.redis_eviction
  }

  persistence_config {
    persistence_mode    = local.is_production ? "RDB" : "DISABLED"
    rdb_snapshot_period = local.is_production ? "ONE_HOUR" : null
  }

  maintenance_policy {
    weekly_maintenance_window {
      day = "SUNDAY"
      start_time {
        hours   = 3
        minutes = 0
        seconds = 0
        nanos   = 0
      }
    }
  }

  deletion_protection = local.is_protected

  depends_on = [google_service_networking_connection.services]
}

locals {
  # Each attribute on its own: the whole object of an instance counts as secret, since its AUTH string does.
  redis_host = one(local.is_cluster ? google_redis_cluster.this[*].discovery_endpoints[0].address : google_redis_instance.this[*].host)
  redis_port = one(local.is_cluster ? google_redis_cluster.this[*].discovery_endpoints[0].port : google_redis_instance.this[*].port)

  # All of them: a new one appears years before the old one ends.
  redis_cas = flatten(local.is_cluster ? google_redis_cluster.this[*].managed_server_ca[*].ca_certs[*].certificates : google_redis_instance.this[*].server_ca_certs[*].cert)
}
