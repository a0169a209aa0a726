import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const definition = loader.loadSync('contracts/order_service/v1/order_service.proto');
export const { OrderService } = grpc.loadPackageDefinition(definition).order_service.v1;
export const itemService = OrderService.service;
