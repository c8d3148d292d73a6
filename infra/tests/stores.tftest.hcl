# A change of store, step by step, as README.md tells operators to do it.
mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id = "demo-project"
}

run "makes_one_protected_store" {
  assert {
    condition     = length(google_redis_instance.this) == 1 && length(google_redis_cluster.this) == 0 && length(google_memorystore_instance.this) == 0
    error_message = "The default is one instance and nothing else."
  }
  assert {
    condition     = terraform_data.guard["instance"].output == "protected" && google_redis_instance.this[0].deletion_protection && google_redis_instance.this[0].tier == "STANDARD_HA"
    error_message = "Production is protected, in two zones."
  }
}

run "keeps_the_store_when_the_size_changes" {
  variables {
    size = "development"
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.makes_one_protected_store.stores["instance"].id
    error_message = "A change of size replaced the store."
  }
  assert {
    condition     = google_redis_instance.this[0].tier == "STANDARD_HA" && google_redis_instance.this[0].persistence_config[0].persistence_mode == "RDB"
    error_message = "The store keeps its tier and its snapshots."
  }
}

run "adds_a_store_beside_it" {
  variables {
    redis_stores = ["instance", "valkey-cluster"]
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.makes_one_protected_store.stores["instance"].id && length(google_memorystore_instance.this) == 1
    error_message = "Both are there."
  }
  assert {
    condition     = output.substitutions._REDIS_HOST == "10.1.2.3" && google_redis_instance.this[0].deletion_protection && !google_memorystore_instance.this["valkey-cluster"].deletion_protection_enabled
    error_message = "The functions still use the first one, which is protected."
  }
  expect_failures = [check.stores_in_use]
}

run "uses_the_new_store" {
  variables {
    redis_stores = ["instance", "valkey-cluster"]
    redis_kind   = "valkey-cluster"
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.makes_one_protected_store.stores["instance"].id && length(google_secret_manager_secret_version.redis) == 3
    error_message = "The old store keeps its data and its secrets, for a way back."
  }
  assert {
    condition     = output.substitutions._REDIS_HOST == "10.20.0.6" && google_memorystore_instance.this["valkey-cluster"].deletion_protection_enabled && !google_redis_instance.this[0].deletion_protection
    error_message = "The new one is in use and protected."
  }
  expect_failures = [check.stores_in_use]
}

run "removes_the_old_store_only_when_it_is_taken_out" {
  variables {
    redis_stores = ["valkey-cluster"]
    redis_kind   = "valkey-cluster"
  }
  assert {
    condition     = length(google_redis_instance.this) == 0 && google_memorystore_instance.this["valkey-cluster"].id == run.uses_the_new_store.stores["valkey-cluster"].id
    error_message = "Only the old one is gone."
  }
  assert {
    condition     = keys(google_secret_manager_secret_version.redis) == ["valkey-cluster/ca"]
    error_message = "Its secrets are gone with it, and no other."
  }
}

run "uses_another_store_without_destroying_the_first" {
  state_key = "by the kind alone"
}

run "which_stays_when_only_the_kind_is_changed" {
  state_key = "by the kind alone"
  variables {
    redis_kind = "cluster"
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.uses_another_store_without_destroying_the_first.stores["instance"].id && length(google_redis_cluster.this) == 1
    error_message = "The first store is there beside the one in use."
  }
  expect_failures = [check.stores_in_use]
}

run "and_when_the_store_in_use_is_external" {
  state_key = "by the kind alone"
  variables {
    redis_kind     = "external"
    redis_stores   = ["instance", "cluster"]
    redis_external = { host = "redis.example.com" }
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.uses_another_store_without_destroying_the_first.stores["instance"].id && length(google_redis_cluster.this) == 1
    error_message = "Using an external store destroys none."
  }
  expect_failures = [check.stores_in_use]
}

run "refuses_to_move_to_another_region" {
  state_key = "by the kind alone"
  command   = plan
  variables {
    region = "us-central1"
  }
  expect_failures = [terraform_data.installation]
}

run "refuses_another_name" {
  state_key = "by the kind alone"
  command   = plan
  variables {
    name = "another-name"
  }
  expect_failures = [terraform_data.installation]
}

# The tests remove what they made, which a protected store would refuse.
run "lets_go_of_a_store_without_protection" {
  variables {
    redis_stores        = ["valkey-cluster"]
    redis_kind          = "valkey-cluster"
    deletion_protection = false
  }
  assert {
    condition     = !google_memorystore_instance.this["valkey-cluster"].deletion_protection_enabled && terraform_data.guard["valkey-cluster"].output == "free"
    error_message = "Nothing holds it back."
  }
}
