"""What names and addresses stand for, as the cluster's DNS knows them."""
