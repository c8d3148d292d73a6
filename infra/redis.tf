locals {
  # Settings that several kinds of store share.
  replicas      = local.is_production ? 1 : 0
  persistence   = local.is_production ? "RDB" : "DISABLED"
  snapshots     = local.is_production ? ["ONE_HOUR"] : []
  store_configs = { "maxmemory-policy" = var.redis_eviction }
}

resource "google_redis_instance" "this" {
  count = contains(local.stores, "instance") ? 1 : 0

  name           = var.name
  region         = var.region
  tier           = local.is_production ? "STANDARD_HA" : "BASIC"
  memory_size_gb = var.redis_memory_gb
  redis_version  = "REDIS_7_2"

  authorized_network      = google_compute_network.this.id
  connect_mode            = "PRIVATE_SERVICE_ACCESS"
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  redis_configs           = local.store_configs

  persistence_config {
    persistence_mode    = local.persistence
    rdb_snapshot_period = one(local.snapshots)
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

  deletion_protection = local.protected_store == "instance"

  lifecycle {
    # A different tier means a new, empty instance. Turning persistence off deletes the snapshots.
    ignore_changes = [tier, persistence_config]
  }

  depends_on = [google_service_networking_connection.services]
}

resource "google_redis_cluster" "this" {
  count = contains(local.stores, "cluster") ? 1 : 0

  name          = var.name
  region        = var.region
  shard_count   = var.redis_shards
  replica_count = local.replicas
  node_type     = local.is_production ? "REDIS_HIGHMEM_MEDIUM" : "REDIS_SHARED_CORE_NANO"

  authorization_mode      = "AUTH_MODE_IAM_AUTH"
  transit_encryption_mode = "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"
  redis_configs           = local.store_configs

  persistence_config {
    mode = local.persistence
    dynamic "rdb_config" {
      for_each = local.snapshots
      content {
        rdb_snapshot_period = rdb_config.value
      }
    }
  }

  psc_configs {
    network = google_compute_network.this.id
  }

  deletion_protection_enabled = local.protected_store == "cluster"

  lifecycle {
    # A different authorization mode means a new, empty cluster. Smaller nodes may not hold the data.
    ignore_changes = [authorization_mode, node_type, replica_count, persistence_config]
  }

  depends_on = [google_network_connectivity_service_connection_policy.redis]
}

resource "google_memorystore_instance" "this" {
  for_each = setintersection(local.stores, ["valkey", "valkey-cluster"])

  instance_id    = "${var.name}-${each.key}"
  location       = var.region
  engine_version = "VALKEY_8_0"
  mode           = each.key == "valkey" ? "CLUSTER_DISABLED" : "CLUSTER"
  shard_count    = each.key == "valkey" ? 1 : var.redis_shards
  replica_count  = local.replicas
  node_type      = local.is_production ? (each.key == "valkey" ? "STANDARD_SMALL" : "HIGHMEM_MEDIUM") : "SHARED_CORE_NANO"

  authorization_mode      = "IAM_AUTH"
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  engine_configs          = local.store_configs

  persistence_config {
    mode = local.persistence
    dynamic "rdb_config" {
      for_each = local.snapshots
      content {
        rdb_snapshot_period = rdb_config.value
      }
    }
  }

  desired_auto_created_endpoints {
    network    = google_compute_network.this.id
    project_id = var.project_id
  }

  deletion_protection_enabled = local.protected_store == each.key

  lifecycle {
    # Smaller nodes may not hold the data. Turning persistence off deletes the snapshots.
    ignore_changes = [node_type, replica_count, persistence_config]
  }

  depends_on = [google_network_connectivity_service_connection_policy.redis]
}

# These policies let Google create endpoints in the subnet for clusters and Valkey. A network can have only one policy
# per region and service class.
resource "google_network_connectivity_service_connection_policy" "redis" {
  for_each = toset(concat(
    contains(local.stores, "cluster") ? ["gcp-memorystore-redis"] : [],
    length(setintersection(local.stores, ["valkey", "valkey-cluster"])) > 0 ? ["gcp-memorystore"] : [],
  ))

  name          = "${var.name}-${each.key}"
  location      = var.region
  network       = google_compute_network.this.id
  service_class = each.key

  psc_config {
    subnetworks = [google_compute_subnetwork.this.id]
  }
}
